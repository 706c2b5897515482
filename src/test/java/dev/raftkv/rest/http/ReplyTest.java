package dev.raftkv.rest.http;

import static dev.raftkv.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.Refusals;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.ops.Exposition;
import dev.raftkv.ops.HttpMeter;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An answer on its way, in moments that no real container has when it is asked to. */
@Timeout(60)
class ReplyTest {
    private static final byte[] BYTES = "four".getBytes(UTF_8);
    private static final Map<String, String> FOUR = Map.of("content-length", "4");
    private static final Map<String, String> CHUNKED = Map.of("transfer-encoding", "chunked");

    private final HttpMeter meter = new HttpMeter(Map.of("/list", List.of("GET")));
    private final Replies replies = new Replies(
            "test",
            Replies.Pace.USUAL,
            1 << 20,
            request -> new Replies.Manner(
                    answer -> {}, failure -> Answers.problem(503, failure.getMessage()), 2L << 20, false),
            new Refusals());
    private int closed;
    private int waiting;

    @BeforeEach
    void start() {
        replies.start(meter.other());
    }

    @AfterEach
    void stop() {
        replies.close();
    }

    private Answer pieces(Iterator<byte[]> pieces) {
        return Answer.of(200, "text/plain", new Pieces() {
            @Override
            public byte[] next() {
                return pieces.hasNext() ? pieces.next() : null;
            }

            @Override
            public void close() {
                closed++;
            }
        });
    }

    private Answer list() {
        return pieces(List.of(BYTES, BYTES).iterator());
    }

    private static Answer whole() {
        return Answer.of(200, "text/plain", BYTES);
    }

    private void assertMeasured(int count, String status) {
        Exposition out = new Exposition();
        meter.write(out);
        String sample = "raftkv_http_requests_total{route=\"/list\",method=\"GET\",status=\"" + status + "\"} " + count;
        assertTrue(out.text().contains(sample + "\n"), out::text);
    }

    @Test
    void aShortAnswerIsSentByTheThreadThatHasItIfNotTooManyMayWaitForTheirClients() {
        FakeConnection atOnce = new FakeConnection(Map.of());
        atOnce.onWrite = this::haveAllWait;
        atOnce.beginWith(replies, whole());
        assertEquals("200 {Content-Type=text/plain} four", atOnce.sent());
        assertNull(atOnce.writer());
        assertTrue(replies.tryWait(), "who has sent its answer waits no more");

        FakeConnection later = new FakeConnection(Map.of());
        Reply reply = later.beginWith(replies, whole());
        assertNotNull(later.writer());
        reply.onWritePossible();
        assertEquals("200 {Content-Type=text/plain} four", later.sent());
    }

    /** All that may wait but the one that is here. */
    private void haveAllWait() {
        while (replies.tryWait()) {
            waiting++;
        }
        assertEquals(Runtime.getRuntime().availableProcessors() - 1, waiting);
    }

    @Test
    void aLateAnswerIsClosedThoughTheRequestIsUsedAgain() {
        FakeConnection connection = new FakeConnection(FOUR);
        Reply reply = connection.begin(replies);
        reply.onError(new IllegalStateException("the client has gone"));
        assertTrue(connection.isCompleted());

        reply.answer(list());

        assertEquals(1, closed);
    }

    @Test
    void whoHasMoreToSendIsToldThatTheConnectionEndsWhereItStillSeesTheEndOfTheAnswer() {
        FakeConnection connection = new FakeConnection(FOUR);
        Reply reply = connection.begin(replies);
        reply.onWritePossible();
        reply.answer(whole());
        assertEquals("200 {Connection=close, Content-Type=text/plain} four", connection.sent());

        FakeConnection chunks = new FakeConnection(FOUR);
        Reply list = chunks.begin(replies);
        list.onWritePossible();
        list.answer(list());
        assertEquals("200 {Content-Type=text/plain} fourfour", chunks.sent());
    }

    @Test
    void whatIsSaidIsMeasuredAndNotWhatWasMeant() {
        Reply reply = new FakeConnection(Map.of()).begin(replies);
        reply.measureBy(meter.endpoint("/list", "GET"));
        reply.onWritePossible();
        reply.answer(Answer.of(200, "text/plain", () -> {
            throw new KvException(Code.GONE, "no longer");
        }));

        assertMeasured(1, "5xx");
        assertMeasured(0, "2xx");
    }

    @Test
    void anAnswerThatNobodyTakesIsMeasuredWhenItsClientHasGone() {
        Reply reply = new FakeConnection(Map.of()).begin(replies);
        reply.measureBy(meter.endpoint("/list", "GET"));
        reply.answer(whole());
        reply.onError(new IllegalStateException("the client has gone"));

        assertMeasured(1, "2xx");
    }

    @Test
    void anExchangeThatFailsIsTheContainersAgainWhenNobodyWritesIt() throws Exception {
        FakeConnection connection = new FakeConnection(Map.of());
        Reply reply = connection.begin(replies);
        reply.onWritePossible();
        Thread container = new Thread(() -> connection.fail(new IllegalStateException("the client has gone")));
        connection.onWrite = () -> {
            container.start();
            eventually(Duration.ofSeconds(30), () -> assertEquals(Thread.State.BLOCKED, container.getState()));
        };
        reply.answer(whole());

        container.join();
        assertTrue(connection.isCompleted());
        assertEquals("200 {Content-Type=text/plain} four", connection.sent());
    }

    @Test
    void anAnswerForWhichTheContainerHasNoThreadIsUnavailable() {
        FakeConnection connection = new FakeConnection(Map.of());
        connection.worksOn = false;
        Reply reply = connection.begin(replies);
        reply.onWritePossible();
        reply.answer(list());

        assertTrue(connection.sent().startsWith("503 "), connection::sent);
        assertTrue(connection.sent().contains("this node is stopping: ask another node"), connection::sent);
        assertEquals(1, closed);
        assertTrue(connection.isCompleted());
    }

    @Test
    void anExchangeThatIsOverWaitsForNoBody() throws Exception {
        FakeConnection connection = new FakeConnection(FOUR);
        Reply reply = connection.begin(replies);
        connection.come = new byte[] {'f'};
        assertFalse(reply.intake().whole(10).isDone());
        reply.bodyChanged();
        assertEquals(List.of(reply), replies.slow().all());

        reply.onError(new IllegalStateException("the client takes nothing any more"));
        connection.come = new byte[] {'o'};
        connection.reader().onDataAvailable();

        assertEquals(List.of(), replies.slow().all());
    }

    @Test
    void whoDoesNotTakeItsAnswerIsLookedAfterThoughItsBodyIsLetGo() throws Exception {
        FakeConnection connection = new FakeConnection(CHUNKED);
        Reply reply = connection.begin(replies);
        reply.onWritePossible();
        reply.intake()
                .whole(3)
                .whenComplete((body, failure) -> reply.answer(Answers.problem(503, failure.getMessage())));
        connection.takes = false;
        connection.come = BYTES;
        connection.reader().onDataAvailable();

        assertEquals(List.of(reply), replies.slow().all());
    }

    @Test
    void whoGivesWayIsToldThatTheConnectionEnds() throws Exception {
        FakeConnection connection = new FakeConnection(FOUR);
        Reply reply = connection.begin(replies);
        reply.onWritePossible();
        reply.intake()
                .whole(4)
                .whenComplete((body, failure) -> reply.answer(Answers.problem(503, failure.getMessage())));
        reply.giveWay();

        assertTrue(connection.sent().startsWith("503 {Connection=close, "), connection::sent);
        assertThrows(IllegalStateException.class, connection.reader()::onDataAvailable);
    }

    private Replies foreign() {
        Replies foreign = new Replies(
                "foreign",
                Replies.Pace.USUAL,
                1 << 20,
                request -> new Replies.Manner(
                        answer -> {}, failure -> Answers.problem(503, failure.getMessage()), 2L << 20, true),
                new Refusals());
        foreign.start(meter.other());
        return foreign;
    }

    @Test
    void clientsOfAnotherInterfaceAreAnsweredWhenTheyHaveSentAll() throws Exception {
        try (Replies others = foreign()) {
            FakeConnection connection = new FakeConnection(FOUR);
            Reply reply = connection.begin(others);
            reply.onWritePossible();
            reply.answer(whole());
            assertEquals("0 {} ", connection.sent());
            connection.come = BYTES;
            connection.reader().onDataAvailable();
            connection.reader().onAllDataRead();
            assertEquals("200 {Content-Type=text/plain} four", connection.sent());
        }
    }

    @Test
    void clientsOfAnotherInterfaceThatGiveWayAreNotWaitedFor() throws Exception {
        try (Replies others = foreign()) {
            FakeConnection connection = new FakeConnection(FOUR);
            Reply reply = connection.begin(others);
            reply.onWritePossible();
            reply.intake()
                    .whole(4)
                    .whenComplete((body, failure) -> reply.answer(Answers.problem(503, failure.getMessage())));
            reply.giveWay();
            assertTrue(connection.sent().startsWith("503 {Connection=close, "), connection::sent);
        }
    }

    /** It was chosen before its body came whole. */
    @Test
    void whoShouldGiveWayButHasSentItsBodyIsAnsweredAsEver() {
        FakeConnection connection = new FakeConnection(FOUR);
        Reply reply = connection.begin(replies);
        reply.onWritePossible();
        connection.come = BYTES;
        assertTrue(reply.intake().whole(4).isDone());
        reply.giveWay();
        reply.answer(list());

        assertEquals("200 {Content-Type=text/plain} fourfour", connection.sent());
        assertTrue(connection.isCompleted());
    }
}

package dev.raftkv.client;

import static dev.raftkv.client.ScriptedNode.cut;
import static dev.raftkv.client.ScriptedNode.done;
import static dev.raftkv.client.ScriptedNode.problem;
import static dev.raftkv.client.ScriptedNode.redirect;
import static dev.raftkv.client.ScriptedNode.silence;
import static dev.raftkv.client.ScriptedNode.stall;
import static dev.raftkv.client.ScriptedNode.status;
import static dev.raftkv.client.ScriptedNode.unavailable;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.client.RaftkvClient.Level;
import dev.raftkv.client.ScriptedNode.Asked;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rule of {@code deploy/CLIENTS.md}. */
@Timeout(60)
final class RaftkvClientTest {
    private static final Duration SHORT = Duration.ofMillis(1500);

    private ScriptedNode one;
    private ScriptedNode two;
    private RaftkvClient client;

    @BeforeEach
    void start() throws IOException {
        one = new ScriptedNode();
        two = new ScriptedNode();
        client = RaftkvClient.of(List.of(one.address(), two.address()));
    }

    @AfterEach
    void stop() {
        one.close();
        two.close();
    }

    @Test
    void aWriteIsTakenWhereItIsSentAndTheNextOneGoesThereAtOnce() throws IOException {
        one.then(redirect(two.address()));
        two.then(done(7), done(8));
        assertEquals(7, client.withToken("secret").put("a/b ü&", "{\"x\": 1}"));
        Asked first = one.asked().get(0);
        assertEquals("PUT", first.method());
        assertEquals("/store?key=a%2Fb%20%C3%BC%26", first.target());
        assertEquals("{\"x\": 1}", first.body());
        assertEquals(Optional.of("Bearer secret"), first.token());
        assertEquals(List.of(first), two.asked());

        assertEquals(8, client.put("k", "2"));
        assertEquals(1, one.asked().size());
        assertNotEquals(first.name(), two.asked().get(1).name());
    }

    @Test
    void nothingGoesToAnAddressThatWasNotNamed() throws IOException {
        RaftkvClient ofOne = RaftkvClient.of(List.of(one.address())).withToken("secret");
        one.then(redirect(two.address()), done(7), done(8));
        assertEquals(7, ofOne.put("k", "1"));
        assertEquals(8, ofOne.put("k", "2"));
        assertEquals(
                List.of("", "forward", "forward"),
                one.asked().stream().map(Asked::how).toList());
        assertEquals(one.asked().get(0).name(), one.asked().get(1).name());
        assertEquals(List.of(), two.asked());
    }

    @Test
    void nodesThatSendToEachOtherAreNotAskedForEver() throws IOException {
        for (int i = 0; i < 100; i++) {
            one.then(redirect(two.address()));
            two.then(redirect(one.address()));
        }
        assertThrows(RaftkvException.class, () -> client.withDeadline(SHORT).put("k", "1"));
        int asked = one.asked().size() + two.asked().size();
        assertTrue(asked <= 60, () -> "asked " + asked);
    }

    @Test
    void whoCannotNowIsAskedAgainWhenItSaysSoAndOthersMeanwhile() throws IOException {
        one.then(unavailable(30));
        two.then(unavailable(0), done(7));
        assertEquals(7, client.put("k", "1"));
        assertEquals(1, one.asked().size());
        assertEquals(2, two.asked().size());
    }

    @Test
    void aWriteThatMayHaveBeenDoneIsTheSameAgain() throws IOException {
        one.then(problem(504, "unknown"), problem(500, "an id"));
        two.then(cut(), done(7));
        assertEquals(7, client.put("k", "1"));
        Asked first = one.asked().get(0);
        assertEquals(List.of(first, first), one.asked());
        assertEquals(List.of(first, first), two.asked());
    }

    @Test
    void whereNobodyListensAnotherIsAsked() throws IOException {
        one.close();
        two.then(done(7));
        assertEquals(7, client.put("k", "1"));
    }

    @Test
    void whoStandsStillDoesNotTakeAllTheTime() throws IOException {
        one.then(silence(), stall(), silence(), silence(), silence());
        assertEquals(9, client.withDeadline(SHORT).put("k", "1"));
        assertEquals(1, one.asked().size());
        assertThrows(
                UnknownOutcomeException.class,
                () -> RaftkvClient.of(List.of(one.address()))
                        .withDeadline(SHORT)
                        .put("k", "1"));
    }

    @Test
    void whatIsUnknownStaysSoThroughAnswersThatTellOfOtherAttempts() {
        one.then(cut(), unavailable(30));
        two.then(unavailable(30));
        RaftkvException failure = assertThrows(UnknownOutcomeException.class, () -> client.put("k", "1"));
        assertTrue(failure.getMessage().contains("not now"), failure::getMessage);

        one.then(problem(504, "lost"));
        two.then(problem(403, "you may not"));
        failure = assertThrows(UnknownOutcomeException.class, () -> client.put("k", "1"));
        assertEquals(403, failure.status());
    }

    @Test
    void whatNobodyHasTakenIsNotUnknown() {
        one.then(unavailable(30), problem(422, "no such thing: \\\"x\\\""));
        two.then(unavailable(30));
        RaftkvException failure = assertThrows(RaftkvException.class, () -> client.put("k", "1"));
        assertFalse(failure instanceof UnknownOutcomeException);
        assertEquals(0, failure.status());

        failure = assertThrows(RaftkvException.class, () -> client.put("k", "1"));
        assertFalse(failure instanceof UnknownOutcomeException);
        assertEquals(422, failure.status());
        assertTrue(failure.getMessage().endsWith("answered 422: no such thing: \"x\""), failure::getMessage);
    }

    @Test
    void whoeverWasFasterIsAnAnswer() throws IOException {
        one.then(cut());
        two.then(status(412, "{}", "Raft-Node", "node2", "Store-Revision", "5", "ETag", "\"5\""), done(6));
        assertEquals(OptionalLong.empty(), client.compareAndSet("k", 4, "1"));
        assertEquals(OptionalLong.of(6), client.compareAndSet("k", 5, "1"));
    }

    @Test
    void aKeyIsAbsentIfANodeSaysSo() throws IOException {
        one.then(status(404, "no such page"), problem(404, "none"), cut());
        two.then(status(404, "{}", "Raft-Node", "node2", "Store-Revision", "5"), cut(), done(6));
        assertEquals(Optional.empty(), client.get("k"));
        RaftkvClient.Entry entry = client.get("k").orElseThrow();
        assertEquals(new RaftkvClient.Entry("k", "1", 6), entry);
    }

    @Test
    void aCheapReadSeesWhatThisClientHasSeen() throws IOException {
        one.then(done(41));
        RaftkvClient reader = client.withReads(Level.EVENTUAL);
        assertEquals(41, client.delete("k"));
        reader.get("k");
        assertEquals(
                "/store?raw&key=k&consistency=eventual&min_revision=41",
                one.asked().get(1).target());
        client.get("k");
        assertEquals(
                "/store?raw&key=k&consistency=linearizable", one.asked().get(2).target());
    }

    @Test
    void aPageLeadsToTheNextOne() throws IOException {
        String list = "{\"message\":\"m\",\"data\":[{\"key\":\"a\\u00fc\\n\\\"\",\"value\":{\"x\": [1.10, \"}\"]},"
                + "\"create_revision\":1,\"change_revision\":3,\"version\":2},\n {\"key\":\"b\",\"value\":-1E+2,"
                + "\"change_revision\":4}]}\n";
        one.then(
                status(
                        200,
                        list,
                        "Raft-Node",
                        "node1",
                        "Store-Revision",
                        "4",
                        "Link",
                        "<?prefix=a%2F&limit=100&after=b+%C3%BC&consistency=linearizable>; rel=\"next\""),
                status(200, "{\"message\":\"m\",\"data\":[]}", "Raft-Node", "node1", "Store-Revision", "4"));
        RaftkvClient.Page page = client.list("a/");
        assertEquals(
                List.of(
                        new RaftkvClient.Entry("aü\n\"", "{\"x\": [1.10, \"}\"]}", 3),
                        new RaftkvClient.Entry("b", "-1E+2", 4)),
                page.entries());
        assertEquals(Optional.of("b ü"), page.next());
        assertEquals(
                new RaftkvClient.Page(List.of(), Optional.empty()),
                client.list("a/", page.next().get()));
        assertEquals(
                "/store?prefix=a%2F&after=b%20%C3%BC&consistency=linearizable",
                one.asked().get(1).target());
    }

    @Test
    void anInterruptEndsACall() {
        Thread.currentThread().interrupt();
        assertThrows(RaftkvException.class, () -> client.get("k"));
        assertTrue(Thread.interrupted());
    }

    @Test
    void whatIsNoAddressOfANodeIsRefused() {
        for (String wrong : List.of("node1:8080", "ftp://node1", "http://me@node1", "http://node1?x", "http:///x")) {
            assertThrows(IllegalArgumentException.class, () -> RaftkvClient.of(List.of(URI.create(wrong))), wrong);
        }
        assertThrows(IllegalArgumentException.class, () -> RaftkvClient.of(List.of()));
        assertThrows(IllegalArgumentException.class, () -> client.withDeadline(Duration.ZERO));
    }
}

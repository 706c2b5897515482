package dev.raftkv.raft.read;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.raft.wire.FakeMember.Manner;
import dev.raftkv.raft.wire.Kind;
import dev.raftkv.raft.wire.Line;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.exceptions.TimeoutIOException;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class QuestionsTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final RaftGroupId GROUP = RaftGroupId.randomId();

    @TempDir
    Path directory;

    private AskingNode node;
    private Questions questions;

    @BeforeEach
    void open() throws IOException {
        node = new AskingNode(directory);
        questions = new Questions(node.wire, node.understanding);
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    private Optional<CompletableFuture<MessageLite>> ask() {
        return questions.ask(node.name.id(), Kind.TERM, GROUP);
    }

    private CompletableFuture<MessageLite> asked() {
        return ask().orElseThrow();
    }

    private static MessageLite answer(CompletableFuture<MessageLite> asked) throws Exception {
        return asked.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletableFuture<MessageLite> asked) {
        return assertThrows(ExecutionException.class, () -> answer(asked)).getCause();
    }

    @Test
    void whoSaysThatItUnderstandsIsAskedAndAnswers() throws Exception {
        node.understanding.told(node.name, 3);
        assertTrue(ask().isEmpty(), "there is no connection yet");
        // It answers with the number of the message.
        assertEquals(5, Questions.number(answer(eventually(SOON, this::asked))));
    }

    @Test
    void whoHasNotSaidThatItUnderstandsIsNotAsked() {
        node.connect();
        assertTrue(ask().isEmpty());
        assertTrue(node.understanding.wasMissed());
        node.understanding.told(node.name, 2);
        assertTrue(ask().isEmpty());
        assertFalse(node.understanding.wasMissed());
        assertEquals(0, node.member.asked());
    }

    /** It was set back to an older version, and closes a connection by which it is asked what it does not know. */
    @Test
    void whoHangsUpHasToSayAnewThatItUnderstands() throws Exception {
        node.connect();
        node.understanding.told(node.name, 3);
        node.member.behave(Manner.HANGS_UP);
        assertInstanceOf(IOException.class, failure(asked()));
        eventually(SOON, () -> assertFalse(node.understanding.answersReads(node.name)));
        node.connect();
        assertTrue(ask().isEmpty());
        assertEquals(1, node.member.asked());
        node.understanding.told(node.name, 3);
        node.member.behave(Manner.ANSWERS);
        answer(asked());
    }

    @Test
    void whoRefusesIsAskedAgain() throws Exception {
        node.connect();
        node.understanding.told(node.name, 3);
        node.member.behave(Manner.REFUSES);
        assertInstanceOf(Line.Declined.class, failure(asked()));
        node.member.behave(Manner.ANSWERS);
        answer(asked());
    }

    @Test
    void whoIsSilentIsNotAskedWithoutEndAndItsConnectionIsGivenUp() {
        node.connect();
        node.understanding.told(node.name, 3);
        node.member.behave(Manner.IS_SILENT);
        List<CompletableFuture<MessageLite>> unanswered = new ArrayList<>();
        for (Optional<CompletableFuture<MessageLite>> next = ask(); next.isPresent(); next = ask()) {
            unanswered.add(next.get());
        }
        assertEquals(4, unanswered.size());
        unanswered.get(0).completeExceptionally(new TimeoutIOException("for this test"));
        assertInstanceOf(IOException.class, failure(unanswered.get(1)));
        assertFalse(node.isConnected());
    }
}

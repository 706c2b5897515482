package dev.raftkv.access;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.access.Refusals.Reason;
import dev.raftkv.model.Code;
import dev.raftkv.testkit.LogLines;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RefusalsTest {
    private final Refusals refusals = new Refusals();
    private final Caller bob = new Caller("bob", Set.of(UserRole.READER));
    private final LogLines log = LogLines.of(Refusals.class);

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void whoIsRefusedIsNamedOnceAndThenByTheMinute() {
        for (int i = 0; i < 3; i++) {
            assertEquals(
                    Code.FORBIDDEN,
                    refusals.lacks(bob, UserRole.WRITER, "10.0.0.1").code());
        }
        refusals.wrongCredentials("alice", "10.0.0.2");
        List<String> first = List.of(
                "WARNING refused: bob at 10.0.0.1 lacks a role",
                "WARNING refused: alice at 10.0.0.2 has wrong credentials");
        assertEquals(first, log.all());
        refusals.tell();
        String again = "WARNING refused 2 times more within a minute: bob at 10.0.0.1 lacks a role";
        assertEquals(List.of(first.get(0), first.get(1), again), log.all());
        // Bob went on, alice did not.
        refusals.lacks(bob, UserRole.WRITER, "10.0.0.1");
        refusals.wrongCredentials("alice", "10.0.0.2");
        assertEquals(List.of(first.get(0), first.get(1), again, first.get(1)), log.all());
        assertEquals(4, refusals.count(Reason.ROLE));
        assertEquals(2, refusals.count(Reason.WRONG_CREDENTIALS));
    }

    @Test
    void whatStrangersCauseLeavesRoomForWhatIsKnown() {
        for (int i = 0; i < 1000; i++) {
            refusals.unknownNode("10.0.0." + i);
            refusals.noCredentials("10.0.0." + i);
        }
        int before = log.all().size();
        refusals.lacks(bob, UserRole.WRITER, "10.0.0.1");
        refusals.wrongCredentials("alice", "10.0.0.2");
        assertEquals(
                List.of(
                        "WARNING refused: bob at 10.0.0.1 lacks a role",
                        "WARNING refused: alice at 10.0.0.2 has wrong credentials"),
                log.all().subList(before, log.all().size()));
    }

    @Test
    void aNameIsOneShortWordInTheLog() {
        refusals.lacksAll(new Caller("CN=é\nWARNING all is lost, " + "x".repeat(5000), Set.of()), "10.0.0.1");
        assertEquals(
                List.of("WARNING refused: CN=??WARNING?all?is?lost,?" + "x".repeat(38)
                        + "... at 10.0.0.1 lacks a role"),
                log.all());
    }

    @Test
    void aThousandAddressesDoNotFillTheLog() {
        for (int i = 0; i < 1000; i++) {
            assertEquals(
                    Code.UNAUTHENTICATED, refusals.noCredentials("10.0.0." + i).code());
        }
        refusals.tell();
        assertEquals(26, log.all().size());
        assertEquals(
                "WARNING refused 975 requests of others within a minute",
                log.all().get(25));
        assertEquals(1000, refusals.count(Reason.NO_CREDENTIALS));
    }
}

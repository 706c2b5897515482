package dev.raftkv.rest.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class UploadPaceTest {
    private static final long KIB = 1024;

    /** Such clocks may begin anywhere. */
    private static final long BEGUN = Long.MAX_VALUE - 5;

    private final UploadPace pace = new UploadPace(BEGUN);

    private Optional<KvException> look(long came, long seconds) {
        return pace.look(came, BEGUN + TimeUnit.SECONDS.toNanos(seconds));
    }

    private static void refused(String sentence, Optional<KvException> refusal) {
        assertEquals(Code.TOO_SLOW, refusal.orElseThrow().code());
        assertTrue(refusal.get().getMessage().startsWith(sentence), refusal.get()::getMessage);
    }

    @Test
    void whoSendsNothingForLongIsNotWaitedFor() {
        assertEquals(Optional.empty(), look(0, 30));
        refused("nothing of the backup has come for 30 seconds: nothing was changed", look(0, 31));
    }

    @Test
    void whoBreaksOffIsNotWaitedForHoweverMuchHasCome() {
        assertEquals(Optional.empty(), look(1 << 30, 100));
        assertEquals(Optional.empty(), look(1 << 30, 130));
        refused("nothing of the backup has come for 30 seconds", look(1 << 30, 131));
    }

    @Test
    void whoSendsALittleNowAndThenIsNotWaitedForLong() {
        for (long second = 1; second <= 30; second++) {
            assertEquals(Optional.empty(), look(second, second));
        }
        refused(
                "the backup comes too slowly: 31 bytes in 31 seconds, and it takes 64 KiB a second: nothing was changed",
                look(31, 31));
    }

    @Test
    void theRateIsThatSinceTheBeginning() {
        assertEquals(Optional.empty(), look(64 * KIB * 100, 100));
        assertEquals(Optional.empty(), look(64 * KIB * 100 + 1, 100));
        refused("the backup comes too slowly", look(64 * KIB * 100 + 2, 101));
    }
}

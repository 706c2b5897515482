package dev.raftkv.rest.backup;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.time.Duration;
import java.util.Optional;

/**
 * How slowly a backup may be sent: another one waits for its place. Times are those of {@link System#nanoTime}. Belongs to one
 * thread.
 */
final class UploadPace {
    /** So long may nothing come. */
    private static final Duration SILENCE = Duration.ofSeconds(30);

    /** After this, it is to have come so fast since its beginning. */
    private static final Duration START = Duration.ofSeconds(30);

    /** In bytes a second. */
    private static final long LEAST = 64 * 1024;

    private final long begun;
    private long seen;
    private long seenAt;

    UploadPace(long now) {
        begun = now;
        seenAt = now;
    }

    /**
     * Why it is not waited for any more, if so.
     *
     * @param came how many bytes have come
     */
    Optional<KvException> look(long came, long now) {
        if (came != seen) {
            seen = came;
            seenAt = now;
        } else if (now - seenAt > SILENCE.toNanos()) {
            return tooSlow("nothing of the backup has come for " + SILENCE.toSeconds() + " seconds");
        }
        long nanos = now - begun;
        return nanos > START.toNanos()
                        && (double) came / LEAST * Duration.ofSeconds(1).toNanos() < nanos
                ? tooSlow("the backup comes too slowly: " + came + " bytes in "
                        + Duration.ofNanos(nanos).toSeconds() + " seconds, and it takes " + LEAST / 1024
                        + " KiB a second")
                : Optional.empty();
    }

    private static Optional<KvException> tooSlow(String what) {
        return Optional.of(new KvException(
                Code.TOO_SLOW,
                what + ": nothing was changed; send it again from where the way to the leader is faster, or as gzip"));
    }
}

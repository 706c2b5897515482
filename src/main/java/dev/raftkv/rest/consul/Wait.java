package dev.raftkv.rest.consul;

import dev.raftkv.rest.consul.text.ConsulFailure;
import dev.raftkv.rest.consul.text.ConsulQuery;
import dev.raftkv.rest.consul.text.GoDuration;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * That a client waits for something behind an index.
 *
 * @param index which it has seen, &ge; 1
 * @param patience how long it waits
 */
public record Wait(long index, Duration patience) {
    private static final Duration USUAL = Duration.ofMinutes(5);
    private static final Duration MOST = Duration.ofMinutes(10);

    /** Clients wait for so much of their time longer, so that not all come back at once. */
    private static final int PART = 16;

    /**
     * What a query asks for; empty if it does not wait.
     *
     * @throws ConsulFailure for a time or an index that is none
     */
    public static Optional<Wait> of(ConsulQuery query) {
        Duration patience = query.value("wait").map(Wait::duration).orElse(USUAL);
        long index = query.value("index").map(Wait::index).orElse(0L);
        if (index == 0) {
            return Optional.empty();
        }
        long millis = (patience.isZero() || patience.compareTo(MOST) > 0 ? limited(patience) : patience).toMillis();
        long more = millis / PART == 0 ? 0 : ThreadLocalRandom.current().nextLong(millis / PART);
        return Optional.of(new Wait(index, Duration.ofMillis(millis + more)));
    }

    private static Duration limited(Duration patience) {
        return patience.isZero() ? USUAL : MOST;
    }

    private static Duration duration(String text) {
        return GoDuration.parse(text)
                .filter(duration -> !duration.isNegative())
                .orElseThrow(() -> new ConsulFailure(400, "Invalid wait time"));
    }

    private static long index(String text) {
        if (!text.matches("[0-9]{1,20}")) {
            throw new ConsulFailure(400, "Invalid index");
        }
        // What is behind all there can be is another life's.
        return text.length() > 18 ? Long.MAX_VALUE : Long.parseLong(text);
    }
}

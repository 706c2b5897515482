package dev.raftkv.rest.watch;

import dev.raftkv.kv.Watch;
import dev.raftkv.kv.WatchEvent;
import dev.raftkv.rest.events.News;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The changes that a watch sees. */
final class WatchNews implements News {
    private static final int PIECE_BYTES = 64 * 1024;

    private final EventText text;
    private final Watch watch;
    private volatile boolean markDue;
    private Future<?> marks;

    WatchNews(EventText text, Watch watch) {
        this.text = text;
        this.watch = watch;
    }

    /**
     * Marks how far the stream has come, now and at intervals.
     *
     * @param wake says that there is something for it
     */
    void markEach(Duration interval, ScheduledExecutorService timer, Runnable wake) {
        markDue = true;
        marks = timer.scheduleAtFixedRate(
                () -> {
                    markDue = true;
                    wake.run();
                },
                interval.toMillis(),
                interval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public byte[] next() {
        List<WatchEvent> events = watch.poll(PIECE_BYTES);
        // One change may be a megabyte, and a buffer that grows takes three times that.
        int size = events.stream().mapToInt(event -> 128 + event.size()).sum();
        ByteArrayOutputStream piece = new ByteArrayOutputStream(size);
        events.forEach(event -> text.append(piece, event));
        // Before all that there was is told nobody could go on behind a mark.
        if (markDue && !watch.tellsOfPresent()) {
            markDue = false;
            EventText.progress(piece, watch.position());
        }
        return piece.toByteArray();
    }

    @Override
    public Optional<String> end() {
        return watch.end();
    }

    @Override
    public Optional<String> position() {
        return watch.tellsOfPresent()
                ? Optional.empty()
                : Optional.of(watch.position().toString());
    }

    @Override
    public void countAsCutOff() {
        watch.countAsCutOff();
    }

    @Override
    public void close() {
        if (marks != null) {
            marks.cancel(false);
        }
        watch.close();
    }
}

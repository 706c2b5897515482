package dev.raftkv.rest.watch;

import dev.raftkv.kv.Watch;
import dev.raftkv.kv.WatchEvent;
import dev.raftkv.rest.events.News;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;

/** The changes that a watch sees. */
final class WatchNews implements News {
    private static final int PIECE_BYTES = 64 * 1024;

    private final EventText text;
    private final Watch watch;

    WatchNews(EventText text, Watch watch) {
        this.text = text;
        this.watch = watch;
    }

    @Override
    public byte[] next() {
        List<WatchEvent> events = watch.poll(PIECE_BYTES);
        // One change may be a megabyte, and a buffer that grows takes three times that.
        int size = events.stream().mapToInt(event -> 128 + event.size()).sum();
        ByteArrayOutputStream piece = new ByteArrayOutputStream(size);
        events.forEach(event -> text.append(piece, event));
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
        watch.close();
    }
}

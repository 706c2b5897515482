package dev.raftkv.rest.look;

import dev.raftkv.raft.look.EventFeed;
import dev.raftkv.rest.events.News;
import java.io.ByteArrayOutputStream;
import java.util.Optional;

/** What happens to this node. */
final class NodeNews implements News {
    /** Each has some hundred bytes. */
    private static final int PIECE_EVENTS = 100;

    private final EventFeed feed;

    NodeNews(EventFeed feed) {
        this.feed = feed;
    }

    @Override
    public byte[] next() {
        ByteArrayOutputStream piece = new ByteArrayOutputStream();
        feed.poll(PIECE_EVENTS).forEach(event -> EventJson.write(piece, event));
        return piece.toByteArray();
    }

    @Override
    public Optional<String> end() {
        return feed.end();
    }

    @Override
    public Optional<String> position() {
        return Optional.of(Long.toString(feed.position()));
    }

    @Override
    public void countAsCutOff() {
        feed.countAsCutOff();
    }

    @Override
    public void close() {
        feed.close();
    }
}

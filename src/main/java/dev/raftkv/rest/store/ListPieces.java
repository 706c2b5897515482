package dev.raftkv.rest.store;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.json.Json;
import dev.raftkv.model.Listed;
import dev.raftkv.rest.http.Pieces;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/** The body of a list: a few elements a piece, each made when it is its turn. */
final class ListPieces implements Pieces {
    private static final int PIECE = 16 * 1024;

    /** Keeps no more than usual for the next piece: the client may take long for this one. */
    private static final class Buffer extends ByteArrayOutputStream {
        Buffer() {
            super(PIECE);
        }

        /** A long value comes at once, and gets the room that it needs and not twice of it. */
        @Override
        public synchronized void write(byte[] octets, int from, int length) {
            if (length > PIECE) {
                buf = Arrays.copyOf(buf, count + length + PIECE);
            }
            super.write(octets, from, length);
        }

        byte[] take() {
            byte[] taken = toByteArray();
            reset();
            if (buf.length > 2 * PIECE) {
                buf = new byte[PIECE];
            }
            return taken;
        }
    }

    /** Writes what is shown in a place of the list, or nothing. */
    interface Element {
        void write(JsonGenerator json, Listed listed) throws IOException;
    }

    private final Buffer piece = new Buffer();
    private final String message;
    private final Iterator<Listed> keys;
    private final Element element;
    private JsonGenerator json;
    private boolean ended;

    ListPieces(String message, List<Listed> keys, Element element) {
        this.message = message;
        this.keys = keys.iterator();
        this.element = element;
    }

    @Override
    public byte[] next() {
        if (ended) {
            return null;
        }
        try {
            if (json == null) {
                json = Json.FACTORY.createGenerator(piece);
                json.writeStartObject();
                json.writeStringField("message", message);
                json.writeArrayFieldStart("data");
            }
            while (keys.hasNext() && piece.size() < PIECE) {
                element.write(json, keys.next());
                json.flush();
            }
            if (!keys.hasNext()) {
                json.writeEndArray();
                json.writeEndObject();
                json.writeRaw('\n');
                json.flush();
                ended = true;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return piece.take();
    }

    /** Its buffers are for others now. */
    @Override
    public void close() {
        if (json != null && !json.isClosed()) {
            try {
                json.disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT).close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

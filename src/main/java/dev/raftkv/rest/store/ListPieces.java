package dev.raftkv.rest.store;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.model.Key;
import dev.raftkv.rest.http.Pieces;
import dev.raftkv.rest.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;

/** The body of a list: a few elements a piece, each made when it is its turn. */
final class ListPieces implements Pieces {
    private static final int PIECE = 16 * 1024;

    /** Writes what is shown of a key, or nothing. */
    interface Element {
        void write(JsonGenerator json, Key key) throws IOException;
    }

    private final ByteArrayOutputStream piece = new ByteArrayOutputStream(PIECE);
    private final String message;
    private final Iterator<Key> keys;
    private final Element element;
    private JsonGenerator json;
    private boolean ended;

    ListPieces(String message, List<Key> keys, Element element) {
        this.message = message;
        this.keys = keys.iterator();
        this.element = element;
    }

    @Override
    public byte[] next() {
        if (ended) {
            return null;
        }
        piece.reset();
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
        return piece.toByteArray();
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

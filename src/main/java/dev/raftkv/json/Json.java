package dev.raftkv.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import dev.raftkv.model.Key;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** The one configuration of Jackson. */
public final class Json {
    /** How deep a value may be nested. */
    public static final int MAX_DEPTH = 1000;

    private static final int RECYCLED_BUFFERS = 64;

    /** From which on a document is measured before it is written, and not copied after that. */
    private static final int LARGE = 64 * 1024;

    /**
     * The pool is bounded and no thread local, which would keep the class loader of a redeployed web application alive. The
     * size of a document is limited where it is read, so its parts need no limits of their own, and names that clients make
     * up are neither interned nor taken for an attack if their hashes collide.
     */
    public static final JsonFactory FACTORY = JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.newBoundedPool(RECYCLED_BUFFERS))
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH + 1)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private Json() {}

    /** Writes JSON; in memory this does not fail. */
    public interface Content {
        void writeTo(JsonGenerator json) throws IOException;
    }

    /** One JSON object in UTF-8 and a new line, which keeps the prompt of a shell in its place. */
    public static byte[] line(Content members) {
        return line(512, members);
    }

    /** One JSON object whose members are texts, in their order. */
    public static byte[] line(Map<String, String> texts) {
        return line(json -> {
            for (Map.Entry<String, String> text : texts.entrySet()) {
                json.writeStringField(text.getKey(), text.getValue());
            }
        });
    }

    /**
     * @param size about how long it becomes
     * @param members written twice, if it is large
     */
    public static byte[] line(int size, Content members) {
        Whole whole = new Whole(size < LARGE ? size : lengthOf(members));
        write(whole, members);
        return whole.bytes();
    }

    private static int lengthOf(Content members) {
        Length length = new Length();
        write(length, members);
        return length.bytes;
    }

    private static void write(OutputStream bytes, Content members) {
        try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
            json.writeStartObject();
            members.writeTo(json);
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is written, which is not copied if it is as long as was thought. */
    private static final class Whole extends ByteArrayOutputStream {
        Whole(int size) {
            super(size);
        }

        byte[] bytes() {
            return count == buf.length ? buf : toByteArray();
        }
    }

    /** How long it is what is written. */
    private static final class Length extends OutputStream {
        private int bytes;

        @Override
        public void write(int octet) {
            bytes++;
        }

        @Override
        public void write(byte[] octets, int from, int length) {
            bytes += length;
        }
    }

    /** Whether bytes are text in UTF-8, of whatever kind. */
    public static boolean isText(byte[] bytes) {
        return Utf8.isText(bytes);
    }

    /** The key as a JSON string in UTF-8, without its quotes; not to be changed. */
    public static byte[] escape(Key key) {
        for (byte octet : key.utf8()) {
            if (octet < 0x20 || octet == '"' || octet == '\\') {
                return JsonStringEncoder.getInstance().quoteAsUTF8(key.text());
            }
        }
        return key.utf8();
    }
}

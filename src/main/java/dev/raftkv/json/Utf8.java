package dev.raftkv.json;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** JSON is exchanged in UTF-8 without a byte order mark (RFC 8259, section 8.1). */
final class Utf8 {
    private static final int STEP = 2048;

    private Utf8() {}

    /** @throws KvException {@link Code#UNREADABLE} if the bytes are no text in UTF-8 */
    static void check(byte[] text) {
        if (startsWithByteOrderMark(text)) {
            throw unreadable("the body starts with a byte order mark: send UTF-8 without one");
        }
        if (startsWithZero(text)) {
            throw unreadable("the body is UTF-16, UTF-32 or binary: send UTF-8");
        }
        int malformed = malformed(text);
        if (malformed >= 0) {
            throw unreadable("the body is not valid UTF-8 at byte " + malformed);
        }
    }

    static boolean isText(byte[] bytes) {
        return malformed(bytes) < 0;
    }

    private static boolean startsWithByteOrderMark(byte[] text) {
        int first = text.length < 2 ? 0 : (text[0] & 0xFF) << 8 | text[1] & 0xFF;
        return first == 0xFEFF || first == 0xFFFE || first == 0xEFBB && text.length > 2 && (text[2] & 0xFF) == 0xBF;
    }

    /** The wider encodings of any JSON text have a zero within their first four bytes, and Jackson would follow them. */
    private static boolean startsWithZero(byte[] text) {
        for (int i = 0; i < Math.min(4, text.length); i++) {
            if (text[i] == 0) {
                return true;
            }
        }
        return false;
    }

    /** The offset of the first byte that is not UTF-8, or -1. */
    private static int malformed(byte[] text) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer bytes = ByteBuffer.wrap(text);
        CharBuffer discarded = CharBuffer.allocate(Math.min(STEP, text.length + 1));
        CoderResult result;
        do {
            result = decoder.decode(bytes, discarded.clear(), true);
        } while (result.isOverflow());
        return result.isError() ? bytes.position() : -1;
    }

    private static KvException unreadable(String sentence) {
        return new KvException(Code.UNREADABLE, sentence);
    }
}

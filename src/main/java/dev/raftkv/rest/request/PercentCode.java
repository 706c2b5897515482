package dev.raftkv.rest.request;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Decodes the percent-encoded UTF-8 of a URI. Strict where the JDK and Jersey are not: they put a replacement character
 * for what is not UTF-8, and two keys would become one.
 */
public final class PercentCode {
    private PercentCode() {}

    /** The text of a part of a path, in which a plus is a plus. */
    public static String decodePath(String raw) {
        return decode(raw, false);
    }

    /** The text of a name or value of a query, in which a plus is a space. */
    public static String decodeQuery(String raw) {
        return decode(raw, true);
    }

    private static String decode(String raw, boolean plusIsSpace) {
        boolean plain = raw.indexOf('%') < 0 && !(plusIsSpace && raw.indexOf('+') >= 0);
        return plain ? raw : text(bytes(raw, plusIsSpace), raw);
    }

    private static byte[] bytes(String raw, boolean plusIsSpace) {
        byte[] in = raw.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
        for (int i = 0; i < in.length; i++) {
            if (in[i] == '%') {
                out.write(octet(in, i, raw));
                i += 2;
            } else {
                out.write(plusIsSpace && in[i] == '+' ? ' ' : in[i]);
            }
        }
        return out.toByteArray();
    }

    private static int octet(byte[] in, int percent, String raw) {
        int high = percent + 2 < in.length ? Character.digit(in[percent + 1], 16) : -1;
        int low = percent + 2 < in.length ? Character.digit(in[percent + 2], 16) : -1;
        if (high < 0 || low < 0) {
            throw new KvException(
                    Code.UNREADABLE,
                    "malformed percent-encoding in " + raw + ": write a percent sign that is meant as one as %25");
        }
        return high << 4 | low;
    }

    private static String text(byte[] utf8, String raw) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new KvException(
                    Code.UNREADABLE, "the percent-encoding of " + raw + " is not UTF-8: encode the text as UTF-8", e);
        }
    }
}

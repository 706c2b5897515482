package dev.raftkv.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.Locale;

/** HTTP/1.1 with connections that are kept, as far as the replies of the peers need it: each has a Content-Length. */
abstract class HttpWire implements Wire {
    private static final byte[] NOTHING = {};
    private static final String LENGTH = "content-length:";
    private static final int STATUS_AT = "HTTP/1.1 ".length();
    private static final int OK = 200;

    /** The shortest body that can have a value in it. */
    private final int valueBytes;

    HttpWire(int valueBytes) {
        this.valueBytes = valueBytes;
    }

    static byte[] get(String path) {
        return ("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").getBytes(ISO_8859_1);
    }

    static byte[] post(String path, String json) {
        return ("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
                        + json.length() + "\r\n\r\n" + json)
                .getBytes(ISO_8859_1);
    }

    @Override
    public byte[] hello() {
        return NOTHING;
    }

    @Override
    public Reply welcome(ByteBuffer in) {
        return Reply.GOOD;
    }

    @Override
    public int replies(Operation operation) {
        return 1;
    }

    @Override
    public byte[] farewell() {
        return NOTHING;
    }

    @Override
    public Reply take(ByteBuffer in, Operation operation, boolean last) {
        int body = endOfHead(in);
        if (body < 0) {
            return Reply.UNFINISHED;
        }
        int length = contentLength(in, body);
        if (in.limit() - body < length) {
            return Reply.UNFINISHED;
        }
        int status = number(in, in.position() + STATUS_AT);
        in.position(body + length);
        return status == OK && (!operation.isRead() || length >= valueBytes) ? Reply.GOOD : Reply.BAD;
    }

    /** Where the body begins; -1 if not all of the head has come. */
    private static int endOfHead(ByteBuffer in) {
        for (int at = in.position(); at + 3 < in.limit(); at++) {
            if (in.get(at) == '\r' && in.get(at + 2) == '\r' && in.get(at + 1) == '\n' && in.get(at + 3) == '\n') {
                return at + 4;
            }
        }
        return -1;
    }

    /** @throws IllegalStateException if it does not say, which no peer's answers do here */
    private static int contentLength(ByteBuffer in, int body) {
        for (int at = in.position(); at < body - LENGTH.length(); at++) {
            if (in.get(at) == '\n' && isLength(in, at + 1)) {
                int digits = at + 1 + LENGTH.length();
                while (in.get(digits) == ' ') {
                    digits++;
                }
                return number(in, digits);
            }
        }
        byte[] head = new byte[body - in.position()];
        in.get(in.position(), head);
        throw new IllegalStateException(
                String.format(Locale.ROOT, "an answer without Content-Length:%n%s", new String(head, ISO_8859_1)));
    }

    private static boolean isLength(ByteBuffer in, int from) {
        for (int at = 0; at < LENGTH.length(); at++) {
            if (Character.toLowerCase(in.get(from + at)) != LENGTH.charAt(at)) {
                return false;
            }
        }
        return true;
    }

    private static int number(ByteBuffer in, int from) {
        int number = 0;
        for (int at = from; at < in.limit() && in.get(at) >= '0' && in.get(at) <= '9'; at++) {
            number = number * 10 + in.get(at) - '0';
        }
        return number;
    }
}

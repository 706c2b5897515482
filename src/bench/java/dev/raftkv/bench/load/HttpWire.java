package dev.raftkv.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.OptionalInt;

/** HTTP/1.1 with connections that are kept, as far as the replies of the peers need it: each has a Content-Length, or comes in chunks. */
abstract class HttpWire implements Wire {
    private static final byte[] NOTHING = {};
    private static final String LENGTH = "content-length:";
    private static final int STATUS_AT = "HTTP/1.1 ".length();
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final String CHUNKED = "\r\ntransfer-encoding: chunked\r\n";
    private static final String CHUNKS_END = "0\r\n\r\n";

    /** The shortest body that can have a value in it. */
    private final int valueBytes;

    HttpWire(int valueBytes) {
        this.valueBytes = valueBytes;
    }

    static byte[] get(String path) {
        return ("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").getBytes(ISO_8859_1);
    }

    static byte[] put(String path) {
        return put(path, "");
    }

    static byte[] put(String path, String body) {
        return ("PUT " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(ISO_8859_1);
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
        int status = number(in, in.position() + STATUS_AT);
        boolean done = status == OK || status == CREATED;
        OptionalInt told = contentLength(in, body);
        if (told.isEmpty()) {
            return takeChunks(in, body, done, operation);
        }
        int length = told.getAsInt();
        if (in.limit() - body < length) {
            return Reply.UNFINISHED;
        }
        in.position(body + length);
        return done && (!operation.isRead() || length >= valueBytes) ? Reply.GOOD : Reply.BAD;
    }

    /** Whether an answer in chunks, whose status is good, is what was asked for. */
    boolean isDone(String body, Operation operation) {
        return true;
    }

    /** No peer has the end of chunks within them. */
    private Reply takeChunks(ByteBuffer in, int body, boolean done, Operation operation) {
        String head = text(in, in.position(), body);
        if (!head.toLowerCase(Locale.ROOT).contains(CHUNKED)) {
            throw new IllegalStateException(String.format(Locale.ROOT, "an answer without Content-Length:%n%s", head));
        }
        String chunks = text(in, body, in.limit());
        int end = chunks.startsWith(CHUNKS_END) ? 0 : chunks.indexOf("\r\n" + CHUNKS_END) + 2;
        if (end == 1) {
            return Reply.UNFINISHED;
        }
        in.position(body + end + CHUNKS_END.length());
        return done && isDone(chunks.substring(0, end), operation) ? Reply.GOOD : Reply.BAD;
    }

    private static String text(ByteBuffer in, int from, int until) {
        byte[] bytes = new byte[until - from];
        in.get(from, bytes);
        return new String(bytes, ISO_8859_1);
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

    /** Empty if it does not say. */
    private static OptionalInt contentLength(ByteBuffer in, int body) {
        for (int at = in.position(); at < body - LENGTH.length(); at++) {
            if (in.get(at) == '\n' && isLength(in, at + 1)) {
                int digits = at + 1 + LENGTH.length();
                while (in.get(digits) == ' ') {
                    digits++;
                }
                return OptionalInt.of(number(in, digits));
            }
        }
        return OptionalInt.empty();
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

package dev.raftkv.rest.store;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.RequestId;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The name that a client gives a request so that it may repeat it. */
final class RequestName {
    private static final Pattern KEY = Pattern.compile("\"([\\x20\\x21\\x23-\\x7E]{1," + RequestId.MAX_KEY
            + "})\"|([\\x21\\x23-\\x7E]{1," + RequestId.MAX_KEY + "})");

    /** Half of a SHA-256 is more than enough to tell one client's requests apart. */
    private static final int FINGERPRINT_BYTES = 16;

    private RequestName() {}

    /** @throws KvException {@link Code#INVALID} if the header is malformed */
    static Optional<RequestId> of(Request request) {
        return request.header(Headers.IDEMPOTENCY_KEY)
                .map(header -> new RequestId(key(header.strip()), fingerprint(request)));
    }

    private static String key(String header) {
        Matcher key = KEY.matcher(header);
        if (!key.matches()) {
            throw new KvException(
                    Code.INVALID,
                    "Idempotency-Key is malformed: give 1 to " + RequestId.MAX_KEY
                            + " visible ASCII characters, such as a UUID, best in double quotes");
        }
        return key.group(1) != null ? key.group(1) : key.group(2);
    }

    /**
     * Of method, target, conditions and body, which make the request this one. Not of the node that it was sent to, nor of
     * how its other headers are written, which a client library, a proxy or a forwarding node may do in its own way. The
     * name is here as it was written, quoted or not, because version 0.1 put it here so.
     */
    private static String fingerprint(Request request) {
        MessageDigest digest = sha256();
        add(digest, request.method());
        add(digest, request.target());
        // Says nothing, but is what version 0.1 put here for most requests: they can be repeated while nodes are
        // upgraded.
        if (request.body().length > 0) {
            add(digest, Headers.CONTENT_TYPE);
            add(digest, "application/json");
        }
        addHeader(digest, Headers.IF_MATCH, request);
        addHeader(digest, Headers.IF_NONE_MATCH, request);
        addHeader(digest, Headers.IDEMPOTENCY_KEY, request);
        add(digest, request.body());
        return HexFormat.of().formatHex(digest.digest(), 0, FINGERPRINT_BYTES);
    }

    private static void addHeader(MessageDigest digest, String name, Request request) {
        request.header(name).ifPresent(value -> {
            add(digest, name);
            add(digest, value);
        });
    }

    private static void add(MessageDigest digest, String part) {
        add(digest, part.getBytes(StandardCharsets.UTF_8));
    }

    /** With its length, so that two parts are not one. */
    private static void add(MessageDigest digest, byte[] part) {
        digest.update(Integer.toString(part.length).getBytes(StandardCharsets.UTF_8));
        digest.update((byte) ':');
        digest.update(part);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

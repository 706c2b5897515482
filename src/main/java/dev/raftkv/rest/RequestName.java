package dev.raftkv.rest;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.RequestId;
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
    static Optional<RequestId> of(ClientRequest request) {
        return request.header(ClientRequest.IDEMPOTENCY_KEY)
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

    /** Of all that makes the request this one; the node that it was sent to does not count. */
    private static String fingerprint(ClientRequest request) {
        MessageDigest digest = sha256();
        add(digest, request.method().getBytes(StandardCharsets.UTF_8));
        add(digest, request.target().getBytes(StandardCharsets.UTF_8));
        request.headers().forEach((name, value) -> {
            add(digest, name.getBytes(StandardCharsets.UTF_8));
            add(digest, value.getBytes(StandardCharsets.UTF_8));
        });
        add(digest, request.body());
        return HexFormat.of().formatHex(digest.digest(), 0, FINGERPRINT_BYTES);
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

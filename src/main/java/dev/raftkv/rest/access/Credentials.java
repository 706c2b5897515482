package dev.raftkv.rest.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.raftkv.rest.request.Headers;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Enumeration;
import java.util.Optional;

/**
 * What a request's header says of who asks.
 *
 * @param name empty if only a token is given
 * @param secret a token or a password, not empty; not to be changed
 */
record Credentials(Optional<String> name, byte[] secret) {
    private static final String BASIC = "Basic ";
    private static final String BEARER = "Bearer ";

    /** Longer than any token that somebody means. */
    private static final int MOST = 4096;

    /** Stands for a header that says nothing that is understood: no token is like that. */
    private static final Credentials UNREADABLE = new Credentials(Optional.empty(), new byte[0]);

    /** Empty if the request has no credentials at all. */
    static Optional<Credentials> of(HttpServletRequest request) {
        Enumeration<String> lines = request.getHeaders(Headers.AUTHORIZATION);
        if (lines == null || !lines.hasMoreElements()) {
            return Optional.empty();
        }
        String line = lines.nextElement();
        return Optional.of(lines.hasMoreElements() || line.length() > MOST ? UNREADABLE : read(line));
    }

    private static Credentials read(String line) {
        if (line.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return new Credentials(Optional.empty(), rest(line, BEARER).getBytes(ISO_8859_1));
        }
        return line.regionMatches(true, 0, BASIC, 0, BASIC.length()) ? basic(rest(line, BASIC)) : UNREADABLE;
    }

    private static String rest(String line, String scheme) {
        return line.substring(scheme.length()).strip();
    }

    private static Credentials basic(String encoded) {
        byte[] decoded;
        try {
            decoded = Base64.getDecoder().decode(encoded);
        } catch (IllegalArgumentException e) {
            return UNREADABLE;
        }
        for (int i = 0; i < decoded.length; i++) {
            if (decoded[i] == ':') {
                return new Credentials(
                        Optional.of(new String(decoded, 0, i, UTF_8)),
                        Arrays.copyOfRange(decoded, i + 1, decoded.length));
            }
        }
        return UNREADABLE;
    }
}

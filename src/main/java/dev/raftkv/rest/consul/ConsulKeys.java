package dev.raftkv.rest.consul;

import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;
import dev.raftkv.rest.consul.text.ConsulFailure;
import dev.raftkv.rest.request.PercentCode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;

/** The names of keys as clients of Consul write them: taken as they are, or refused, so that no answer names another key. */
public final class ConsulKeys {
    private ConsulKeys() {}

    /**
     * What follows a route in a path.
     *
     * @param path as the client encoded it
     * @throws ConsulFailure if it is not UTF-8, or has a segment that proxies would take away
     */
    public static String decode(String path, String route) {
        String text;
        try {
            text = PercentCode.decodePath(path.substring(route.length()));
        } catch (KvException e) {
            throw new ConsulFailure(400, "invalid key");
        }
        if (Arrays.stream(text.split("/", -1)).anyMatch(segment -> segment.equals(".") || segment.equals(".."))) {
            throw new ConsulFailure(400, "key contains a . or .. segment");
        }
        return text;
    }

    /** @throws ConsulFailure if there cannot be such a key */
    public static Key key(String text) {
        if (text.isEmpty()) {
            throw new ConsulFailure(400, "Missing key name");
        }
        requireText(text);
        if (!text.strip().equals(text)) {
            throw new ConsulFailure(400, "key begins or ends with white space");
        }
        return limited(text, Key::of);
    }

    /** White space at its end counts. */
    public static Prefix prefix(String text) {
        requireText(text);
        return limited(text, Prefix::of);
    }

    private static void requireText(String text) {
        if (text.startsWith("/")) {
            throw new ConsulFailure(400, "key must not begin with a '/'");
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new ConsulFailure(400, "key contains a control character");
        }
    }

    private static <T> T limited(String text, Function<String, T> made) {
        try {
            return made.apply(text);
        } catch (KvException e) {
            int length = text.getBytes(StandardCharsets.UTF_8).length;
            throw new ConsulFailure(
                    400,
                    length > Key.MAX_BYTES
                            ? "key is too long: " + length + " bytes, the limit is " + Key.MAX_BYTES
                            : "invalid key");
        }
    }
}

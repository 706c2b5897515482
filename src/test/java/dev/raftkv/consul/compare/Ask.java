package dev.raftkv.consul.compare;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * What is asked of both. Names in angle brackets stand for what each of them calls otherwise: {@code <session-2>} for the third session
 * that was made, {@code <seen-5>} for the sixth index that was shown, {@code <last>} for the latest one, {@code <own>} for the node that
 * is asked.
 *
 * @param target with {@code /v1/}, as it goes over the wire
 */
public record Ask(String method, String target, byte[] body) {
    private static final Pattern NAME = Pattern.compile("<(session-\\d+|seen-\\d+|last|own)>");
    private static final byte[] NOTHING = {};

    static Ask get(String target) {
        return new Ask("GET", target, NOTHING);
    }

    static Ask delete(String target) {
        return new Ask("DELETE", target, NOTHING);
    }

    static Ask put(String target, String body) {
        return new Ask("PUT", target, body.getBytes(UTF_8));
    }

    /** @param names what a name in angle brackets stands for */
    Ask of(UnaryOperator<String> names) {
        String text = new String(body, ISO_8859_1);
        return new Ask(method, named(target, names), named(text, names).getBytes(ISO_8859_1));
    }

    private static String named(String text, UnaryOperator<String> names) {
        return NAME.matcher(text).replaceAll(found -> names.apply(found.group(1)));
    }

    boolean isOf(String route) {
        return target.startsWith("/v1/" + route);
    }

    @Override
    public String toString() {
        return method + " " + target + " " + new String(body, ISO_8859_1);
    }
}

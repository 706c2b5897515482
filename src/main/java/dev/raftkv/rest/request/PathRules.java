package dev.raftkv.rest.request;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.util.regex.Pattern;

/** Refuses paths that containers and clients rewrite, each in its own way, so that no request meets another key. */
public final class PathRules {
    private static final Pattern DOT_SEGMENT = Pattern.compile("(?:^|/)(?:\\.|%2[eE]){1,2}(?:/|$)");

    private PathRules() {}

    /**
     * @param path under the context root, without a slash in front
     * @throws KvException {@link Code#UNREADABLE} for such a path
     */
    public static void check(String path) {
        if (path.startsWith("/")) {
            throw twoSlashes();
        }
        if (path.indexOf(';') >= 0) {
            throw refused("a semicolon");
        }
        if (DOT_SEGMENT.matcher(path).find()) {
            throw refused("a segment . or ..");
        }
    }

    /** The refusal of a path that looks like a reference with the name of a server. */
    public static KvException twoSlashes() {
        return new KvException(Code.UNREADABLE, "the path begins with two slashes: begin it with one");
    }

    private static KvException refused(String what) {
        return new KvException(
                Code.UNREADABLE, "the path has " + what + ": name such a key as /store?key={key}, percent-encoded");
    }
}

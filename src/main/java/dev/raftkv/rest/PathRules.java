package dev.raftkv.rest;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import java.util.regex.Pattern;

/** Refuses paths that containers and clients rewrite, each in its own way, so that no request meets another key. */
@PreMatching
final class PathRules implements ContainerRequestFilter {
    private static final Pattern DOT_SEGMENT = Pattern.compile("(?:^|/)(?:\\.|%2[eE]){1,2}(?:/|$)");

    @Override
    public void filter(ContainerRequestContext request) {
        String path = request.getUriInfo().getPath(false);
        if (path.indexOf(';') >= 0) {
            throw refused("a semicolon");
        }
        if (DOT_SEGMENT.matcher(path).find()) {
            throw refused("a segment . or ..");
        }
    }

    private static KvException refused(String what) {
        return new KvException(
                Code.UNREADABLE, "the path has " + what + ": name such a key as /store?key={key}, percent-encoded");
    }
}

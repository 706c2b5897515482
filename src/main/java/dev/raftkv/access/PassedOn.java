package dev.raftkv.access;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A caller, as the node that passes a request on tells it to the one that answers. That it is a node is told to nobody: a node
 * says so itself.
 */
public final class PassedOn {
    private PassedOn() {}

    /** As it stands in the field {@link Seals#CALLER}. */
    public static String text(Caller caller) {
        // Whoever did not have to say who they are may do nothing where they have to.
        Set<UserRole> roles = caller.equals(Caller.ANYBODY) ? Set.of() : caller.roles();
        return URLEncoder.encode(caller.name(), StandardCharsets.UTF_8)
                + roles.stream()
                        .filter(role -> role != UserRole.NODE)
                        .sorted()
                        .map(UserRole::text)
                        .collect(Collectors.joining(",", ":", ""));
    }

    /** Whoever is told; one that cannot be read may do nothing, and roles of a later version do not count. */
    static Caller caller(String text) {
        int colon = text.lastIndexOf(':');
        try {
            return new Caller(
                    URLDecoder.decode(text.substring(0, Math.max(0, colon)), StandardCharsets.UTF_8),
                    Arrays.stream(text.substring(colon + 1).split(","))
                            .map(UserRole::of)
                            .flatMap(Optional::stream)
                            .filter(role -> role != UserRole.NODE)
                            .collect(Collectors.toSet()));
        } catch (IllegalArgumentException e) {
            return new Caller("", Set.of());
        }
    }

    /** Who asks by a node that is known: whom it names, or itself. */
    public static Caller by(String node, Asked asked) {
        String told = asked.header(Seals.CALLER);
        return told == null ? new Caller(node, Set.of(UserRole.NODE)) : caller(told);
    }
}

package dev.raftkv.access;

import java.util.Set;

/**
 * Whoever asks something of this node.
 *
 * @param name of a principal; for logs and for what another node is told
 */
public record Caller(String name, Set<UserRole> roles) {
    /** Everybody, where nobody has to say who they are. */
    public static final Caller ANYBODY = new Caller("anybody", Set.of(UserRole.values()));

    public Caller {
        roles = Set.copyOf(roles);
    }

    public boolean may(UserRole asked) {
        return roles.stream().anyMatch(role -> role.includes(asked));
    }
}

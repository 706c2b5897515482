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

    /** Whoever has not said who they are, where they have to: may do what is open to all, and nothing else. */
    public static final Caller NOBODY = new Caller("nobody", Set.of());

    public Caller {
        roles = Set.copyOf(roles);
    }

    /** Whether it is another node that asks, for itself; an admin, who may do all that a node may, is taken for none. */
    public boolean isNode() {
        return roles.contains(UserRole.NODE) && !roles.contains(UserRole.ADMIN);
    }

    public boolean may(UserRole asked) {
        // Each request comes here.
        for (UserRole role : roles) {
            if (role.includes(asked)) {
                return true;
            }
        }
        return false;
    }
}

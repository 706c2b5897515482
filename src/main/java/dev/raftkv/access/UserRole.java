package dev.raftkv.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What somebody may do. */
public enum UserRole {
    /** Sees keys, values, members and figures. */
    READER,
    /** Changes keys, and is a {@link #READER}. */
    WRITER,
    /** Does everything. */
    ADMIN,
    /** Sees the metrics, and why a node is not ready. */
    METRICS,
    /** Is another node of the cluster: asks what only nodes ask. */
    NODE;

    /** The role of that name in small letters, as in a file of tokens; empty if there is none. */
    public static Optional<UserRole> of(String name) {
        return Arrays.stream(values()).filter(role -> role.text().equals(name)).findFirst();
    }

    /** The name in small letters. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether whoever has this role may do what asks for that one. */
    public boolean includes(UserRole asked) {
        return this == asked || this == ADMIN || this == WRITER && asked == READER;
    }
}

package dev.raftkv.kv;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The restores that this node carries out, as the leader. One that the store knows of and that is not among them has lost the
 * node that carried it out. Thread-safe.
 */
public final class OwnRestores {
    private final Set<String> ids = ConcurrentHashMap.newKeySet();

    /** Before its first step is proposed. */
    public void begin(String id) {
        ids.add(id);
    }

    /** No step of it is proposed any more, but that it is given up. */
    public void end(String id) {
        ids.remove(id);
    }

    public boolean has(String id) {
        return ids.contains(id);
    }
}

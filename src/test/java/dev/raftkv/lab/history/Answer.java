package dev.raftkv.lab.history;

import java.util.List;

/**
 * What an answer said.
 *
 * @param value what a read found, null for nothing
 * @param tag the revision of the key's last change, of a 412 too; 0 if there is no such key, {@link #UNTOLD} if not told
 * @param storeRevision {@link #UNTOLD} if not told
 * @param node the id of the node that gave it, null if not told
 * @param consistency the level at which a read was served, null if not told
 * @param succeeded whether the compares of a transaction held
 * @param results those of a transaction, else empty
 */
public record Answer(
        int status,
        String value,
        long tag,
        long storeRevision,
        String node,
        String consistency,
        boolean succeeded,
        List<Txn.Result> results) {
    public static final long UNTOLD = -1;

    public static Answer of(int status, String value, long tag, long storeRevision, String node, Level level) {
        return new Answer(
                status, value, tag, storeRevision, node, level == null ? null : level.label(), false, List.of());
    }

    public static Answer ofTxn(boolean succeeded, long storeRevision, String node, List<Txn.Result> results) {
        return new Answer(200, null, UNTOLD, storeRevision, node, null, succeeded, results);
    }
}

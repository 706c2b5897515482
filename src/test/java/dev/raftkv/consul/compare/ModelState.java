package dev.raftkv.consul.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** Keys, sessions and locks, in maps: plain enough to be seen to be right. No time passes: a lock delay is never over. */
class ModelState {
    private static final Comparator<String> BYTES =
            (one, other) -> Arrays.compareUnsigned(one.getBytes(UTF_8), other.getBytes(UTF_8));

    /** @param session who has it locked; empty if nobody has */
    record Row(String key, byte[] value, BigInteger flags, String session, long lockIndex, long created, long changed) {
        boolean holds(byte[] otherValue, BigInteger otherFlags, String otherSession, long otherLockIndex) {
            return Arrays.equals(value, otherValue)
                    && flags.equals(otherFlags)
                    && session.equals(otherSession)
                    && lockIndex == otherLockIndex;
        }
    }

    /** @param shown all that is shown of it, as JSON, but its indexes */
    record Session(String node, boolean deletes, boolean delays, Map<String, Object> shown, long index) {}

    /** That something cannot be done, and why. */
    static final class Impossible extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Impossible(String why) {
            super(why);
        }
    }

    private TreeMap<String, Row> rows = new TreeMap<>(BYTES);
    private TreeMap<String, Long> removed = new TreeMap<>(BYTES);
    final TreeMap<String, Session> sessions = new TreeMap<>();
    private final Set<String> delayed = new HashSet<>();
    private long index = 1;
    long sessionIndex = 1;

    /** That of the latest change. */
    long index() {
        return index;
    }

    /** What the next change has. */
    long next() {
        return index + 1;
    }

    /** Does all of it, or nothing if it says so. */
    boolean together(BooleanSupplier all) {
        TreeMap<String, Row> rowsBefore = new TreeMap<>(rows);
        TreeMap<String, Long> removedBefore = new TreeMap<>(removed);
        long before = index;
        boolean done = all.getAsBoolean();
        if (!done) {
            rows = rowsBefore;
            removed = removedBefore;
            index = before;
        }
        return done;
    }

    Optional<Row> get(String key) {
        return Optional.ofNullable(rows.get(key));
    }

    List<Row> list(String prefix) {
        return rows.values().stream()
                .filter(row -> row.key().startsWith(prefix))
                .toList();
    }

    /** The latest change of what is there, or was; 0 for none. */
    long touched(String key) {
        return get(key).map(Row::changed).orElse(removed.getOrDefault(key, 0L));
    }

    long touchedBelow(String prefix) {
        long latest = list(prefix).stream().mapToLong(Row::changed).max().orElse(0);
        return removed.entrySet().stream()
                .filter(each -> each.getKey().startsWith(prefix))
                .mapToLong(each -> each.getValue())
                .reduce(latest, Math::max);
    }

    /** Keeps who has it locked. */
    Row put(long at, String key, byte[] value, BigInteger flags) {
        Optional<Row> old = get(key);
        return put(at, key, value, flags, old.map(Row::session).orElse(""), lockIndex(old));
    }

    private static long lockIndex(Optional<Row> row) {
        return row.map(Row::lockIndex).orElse(0L);
    }

    Row put(long at, String key, byte[] value, BigInteger flags, String session, long lockIndex) {
        Row old = rows.get(key);
        if (old != null && old.holds(value, flags, session, lockIndex)) {
            return old;
        }
        Row row = new Row(key, value, flags, session, lockIndex, old == null ? at : old.created(), at);
        rows.put(key, row);
        removed.remove(key);
        index = at;
        return row;
    }

    /** @param expected 0 if it must not be there */
    Optional<Row> cas(long at, String key, byte[] value, BigInteger flags, BigInteger expected) {
        long now = get(key).map(Row::changed).orElse(0L);
        return expected.equals(BigInteger.valueOf(now)) ? Optional.of(put(at, key, value, flags)) : Optional.empty();
    }

    Optional<Row> acquire(long at, String key, byte[] value, BigInteger flags, String session) {
        requireNamed(session);
        if (!sessions.containsKey(session)) {
            throw new Impossible("invalid session \"" + session + "\"");
        }
        Optional<Row> old = get(key);
        String holder = old.map(Row::session).orElse("");
        if (isDelayed(key) || !holder.isEmpty() && !holder.equals(session)) {
            return Optional.empty();
        }
        long count = lockIndex(old) + (holder.equals(session) ? 0 : 1);
        return Optional.of(put(at, key, value, flags, session, count));
    }

    boolean isDelayed(String key) {
        return delayed.contains(key);
    }

    Optional<Row> release(long at, String key, byte[] value, BigInteger flags, String session) {
        requireNamed(session);
        return get(key).filter(row -> row.session().equals(session))
                .map(row -> put(at, key, value, flags, "", row.lockIndex()));
    }

    private static void requireNamed(String session) {
        if (session.isEmpty()) {
            throw new Impossible("missing session");
        }
    }

    void delete(long at, String key) {
        if (rows.remove(key) != null) {
            removed.put(key, at);
            index = at;
        }
    }

    boolean delete(long at, String key, BigInteger expected) {
        Optional<Row> row = get(key);
        boolean done =
                row.isEmpty() || expected.equals(BigInteger.valueOf(row.get().changed()));
        if (done) {
            delete(at, key);
        }
        return done;
    }

    void deleteTree(long at, String prefix) {
        list(prefix).forEach(row -> delete(at, row.key()));
    }

    void begin(String id, Session session) {
        sessionIndex++;
        sessions.put(id, session);
    }

    void end(String id) {
        Session session = sessions.remove(id);
        if (session == null) {
            return;
        }
        sessionIndex++;
        long at = next();
        for (Row row : list("")) {
            if (row.session().equals(id)) {
                endLock(at, row, session);
            }
        }
    }

    private void endLock(long at, Row row, Session session) {
        if (session.deletes()) {
            delete(at, row.key());
        } else {
            put(at, row.key(), row.value(), row.flags(), "", row.lockIndex());
        }
        if (session.delays()) {
            delayed.add(row.key());
        }
    }
}

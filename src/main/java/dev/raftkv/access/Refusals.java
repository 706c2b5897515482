package dev.raftkv.access;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and logs the requests that are refused because of who asks. Whoever is refused is named in the log at once, and after
 * that once a minute with a number, so that nobody fills it. Thread-safe.
 */
public final class Refusals {
    /** Why a request was refused. */
    public enum Reason {
        /** It does not say who asks. */
        NO_CREDENTIALS("does not say who it is"),
        /** It says who asks, but does not prove it. */
        WRONG_CREDENTIALS("has wrong credentials"),
        /** Another node asks, which is not known to be one. */
        NODE("is not known to be a node of this cluster"),
        /** Its caller is known, and lacks the role. */
        ROLE("lacks a role");

        private final String sentence;

        Reason(String sentence) {
            this.sentence = sentence;
        }

        /** The name in small letters, for metrics. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    /** Whoever comes after so many others in a minute, that are refused for the same reason, is only counted. */
    private static final int MOST_NAMED = 25;

    private static final int MOST_NAME = 64;

    private final Map<Reason, LongAdder> counts = new EnumMap<>(Reason.class);
    /** For each reason, so that those who cannot even say who they are hide nobody who is known. */
    private final Map<Reason, Map<Refused, Integer>> again = new EnumMap<>(Reason.class);

    private int unnamed;

    public Refusals() {
        for (Reason reason : Reason.values()) {
            counts.put(reason, new LongAdder());
            again.put(reason, new HashMap<>());
        }
    }

    private record Refused(Reason reason, String name, String address) {
        @Override
        public String toString() {
            return name + " at " + address + " " + reason.sentence;
        }
    }

    /** How many requests were refused for that reason. */
    public long count(Reason reason) {
        return counts.get(reason).sum();
    }

    /**
     * A request does not say who asks.
     *
     * @param address of whoever asks
     * @return what to answer
     */
    public KvException noCredentials(String address) {
        note(new Refused(Reason.NO_CREDENTIALS, Caller.NOBODY.name(), address));
        return new KvException(
                Code.UNAUTHENTICATED,
                "this node wants to know who asks: send Authorization: Bearer <token>, or name and token as Basic credentials");
    }

    /**
     * A request says who asks, and does not prove it.
     *
     * @param name of whom it says it is from, if there is somebody of that name: anything else would be the asker's own words
     * @return what to answer
     */
    public KvException wrongCredentials(String name, String address) {
        note(new Refused(Reason.WRONG_CREDENTIALS, name, address));
        return new KvException(
                Code.WRONG_CREDENTIALS, "these credentials are not known here: ask who runs this node for a token");
    }

    /**
     * Another node asks, and does not show that it is one.
     *
     * @return what to answer
     */
    public KvException unknownNode(String address) {
        note(new Refused(Reason.NODE, "a node without a seal (set RAFT_NODE_SECRET, the same on all nodes)", address));
        return new KvException(
                Code.UNAUTHENTICATED,
                "another node asks, and does not show that it is one: set RAFT_NODE_SECRET, the same on all nodes");
    }

    /**
     * Another node asks, and is not believed or not meant.
     *
     * @return what to answer
     */
    public SealRefusedException noted(SealRefusedException refusal, String address) {
        note(new Refused(Reason.NODE, "a node (" + refusal.getMessage() + ")", address));
        return refusal;
    }

    /**
     * A caller has not the role that is asked for.
     *
     * @return what to answer
     */
    public KvException lacks(Caller caller, UserRole role, String address) {
        if (caller.equals(Caller.NOBODY)) {
            return noCredentials(address);
        }
        note(new Refused(Reason.ROLE, shown(caller), address));
        return new KvException(
                Code.FORBIDDEN,
                caller.name() + " has not the role " + role.text()
                        + " that this asks for: ask who runs this node for it");
    }

    /**
     * A caller tells for whom it asks, as nodes do, and is none.
     *
     * @return what to answer
     */
    public KvException asksForOthers(Caller caller, String address) {
        note(new Refused(Reason.ROLE, shown(caller), address));
        return new KvException(
                Code.FORBIDDEN,
                caller.name()
                        + " may not ask for others: only a node that is known by a seal or its certificate may send "
                        + Seals.CALLER);
    }

    /**
     * A caller has no role at all.
     *
     * @return what to answer
     */
    public KvException lacksAll(Caller caller, String address) {
        if (caller.equals(Caller.NOBODY)) {
            return noCredentials(address);
        }
        note(new Refused(Reason.ROLE, shown(caller), address));
        String all = Arrays.stream(UserRole.values()).map(UserRole::text).collect(Collectors.joining(", "));
        return new KvException(
                Code.FORBIDDEN, caller.name() + " has none of the roles " + all + ": ask who runs this node for one");
    }

    /** A name may come from a realm, or from a node that passes a request on: the log gets one word of it. */
    private static String shown(Caller caller) {
        String name = caller.name();
        String word = name.substring(0, Math.min(MOST_NAME, name.length())).replaceAll("[^!-~]", "?");
        return name.length() > MOST_NAME ? word + "..." : word;
    }

    private void note(Refused refused) {
        counts.get(refused.reason()).increment();
        if (isFirst(refused)) {
            LOG.warn("refused: {}", refused);
        }
    }

    private synchronized boolean isFirst(Refused refused) {
        Map<Refused, Integer> named = again.get(refused.reason());
        Integer times = named.get(refused);
        if (times == null && named.size() >= MOST_NAMED) {
            unnamed++;
            return false;
        }
        named.put(refused, times == null ? 0 : times + 1);
        return times == null;
    }

    /** Logs who was refused again since this was last called; to be called every minute. */
    public void tell() {
        Map<Refused, Integer> told = new HashMap<>();
        int others;
        synchronized (this) {
            others = unnamed;
            for (Map<Refused, Integer> named : again.values()) {
                told.putAll(named);
                // Who goes on is not named at once again, but with their number the next time.
                named.values().removeIf(times -> times == 0);
                named.replaceAll((refused, times) -> 0);
            }
            unnamed = 0;
        }
        told.forEach((refused, times) -> {
            if (times > 0) {
                LOG.warn("refused {} times more within a minute: {}", times, refused);
            }
        });
        if (others > 0) {
            LOG.warn("refused {} requests of others within a minute", others);
        }
    }
}

package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Holding;
import dev.raftkv.lab.history.Holding.What;
import dev.raftkv.lab.history.Leading;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.history.Sight;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * No session ends before its time is over since its last renewal was sent, by the clock of its holder, unless it was asked to end;
 * what has ended does not live again; and all end: where it is known who led, soon after their time, which each leader has begun
 * anew. How late they end is told.
 */
final class Sessions {
    static final String NAME = "sessions";

    private static final long SECOND = 1_000_000_000L;

    /**
     * A leader looks once a second which sessions have begun, as long as there are no more than 10,000, and begins the time then of
     * those that it did not know.
     */
    private static final long FOUND = SECOND;

    /** It looks ten times a second what is over; a look may have begun just before. */
    private static final long LOOKED_AT = SECOND / 5;

    /**
     * How long the longest time for an election is. A leader that does not hear of a majority for so long leads no more, and the next
     * one begins anew: so it is more than the entry takes that ends a session, and more than a leader can have stood still unnoticed.
     */
    private static final long ELECTION = SECOND;

    /** How long after its time a session may be there, if the leader is the same. */
    static final long SOON = FOUND + LOOKED_AT + 2 * ELECTION;

    private final Evidence evidence;
    private final Map<String, List<Sight>> sights = new HashMap<>();
    private final Faults faults = new Faults(NAME);
    private final List<Long> delays = new ArrayList<>();
    private long left;
    private long renewals;
    private long bounded;

    private Sessions(Evidence evidence) {
        this.evidence = evidence;
        for (Sight sight : evidence.history().sights()) {
            if (sight.what().isChange()) {
                sights.computeIfAbsent(sight.key(), key -> new ArrayList<>()).add(sight);
            }
        }
    }

    static Verdict check(Evidence evidence) {
        Sessions check = new Sessions(evidence);
        Map<String, List<Holding>> sessions = evidence.history().holdings().stream()
                .filter(holding -> holding.session() != null)
                .collect(Collectors.groupingBy(Holding::session, TreeMap::new, Collectors.toList()));
        sessions.values().forEach(check::look);
        return check.faults.verdict(sessions.size() + " sessions, renewed " + check.renewals + " times, " + check.left
                + " left to die; " + check.bounded + " of them were looked at until they had to be over; "
                + check.delays());
    }

    /** @param holdings of one session, in the order of their starts */
    private void look(List<Holding> holdings) {
        List<Holding> lives = holdings.stream().filter(Holding::gaveLife).toList();
        renewals += lives.stream().filter(life -> life.what() == What.RENEW).count();
        for (Holding holding : holdings) {
            if (holding.what() == What.LEFT) {
                faults.add("it was still there when all was over, " + tell(holding));
            }
        }
        if (lives.isEmpty()) {
            return;
        }
        long asked = holdings.stream()
                .filter(holding -> holding.what() == What.END && holding.outcome() != Outcome.REFUSED)
                .mapToLong(Holding::start)
                .min()
                .orElse(Long.MAX_VALUE);
        Holding last = lives.get(lives.size() - 1);
        Holding ended = null;
        for (Holding holding : holdings) {
            if (holding.gone() && holding.end() < asked) {
                lives.forEach(life -> early(life, holding.end(), tell(holding)));
            }
            if (ended != null && ended.end() < holding.start() && isAlive(holding)) {
                faults.add("it lives again:\n  " + tell(ended) + "\n  " + tell(holding));
            }
            ended = ended == null && holding.gone() ? holding : ended;
        }
        left += asked == Long.MAX_VALUE ? 1 : 0;
        boolean mayHaveBeenRenewed =
                holdings.stream().anyMatch(each -> each.what() == What.RENEW && each.outcome() == Outcome.UNKNOWN);
        if (asked == Long.MAX_VALUE && !mayHaveBeenRenewed) {
            lookAtEnd(holdings, lives, last, ended);
        }
        lookAtKeys(holdings, lives, last, asked);
    }

    private static boolean isAlive(Holding holding) {
        return holding.isDone() && !holding.gone() && holding.what() != What.END;
    }

    /** Each leader gives a session all of its time once more. */
    private void lookAtEnd(List<Holding> holdings, List<Holding> lives, Holding last, Holding ended) {
        List<Leading> leaders = evidence.history().leadings();
        if (leaders.isEmpty()) {
            return;
        }
        for (Holding look : holdings) {
            if (look.what() != What.LOOK || !look.isDone()) {
                continue;
            }
            long begun = lives.stream()
                    .filter(life -> life.start() < look.end())
                    .mapToLong(Holding::end)
                    .max()
                    .orElse(look.start());
            long led = leaders.stream()
                    .mapToLong(Leading::seen)
                    .filter(seen -> seen <= look.end())
                    .max()
                    .orElse(begun);
            long over = Math.max(begun, led) + look.ttlSeconds() * SECOND + SOON;
            if (look.start() > over) {
                faults.add("late by " + Words.millis(look.start() - over) + ", though the last leader was seen at "
                        + evidence.tell(led) + ":\n  " + tell(last) + "\n  " + tell(look));
            }
        }
        if (ended != null) {
            bounded++;
            if (ended.what() == What.LOOK) {
                delays.add(ended.end() - last.end() - last.ttlSeconds() * SECOND);
            }
        }
    }

    /** What watchers saw of the keys that only this session had. */
    private void lookAtKeys(List<Holding> holdings, List<Holding> lives, Holding last, long asked) {
        List<String> keys = holdings.stream()
                .filter(holding -> holding.what() == What.TAKE)
                .map(Holding::key)
                .distinct()
                .toList();
        for (String key : keys) {
            long first = Long.MAX_VALUE;
            for (Sight sight : sights.getOrDefault(key, List.of())) {
                // Who asks for the end of a session sees its keys deleted, not expired.
                if (sight.what() == Sight.What.EXPIRE) {
                    String what = "watcher " + sight.watcher() + " saw the " + Change.of(sight);
                    lives.forEach(life -> early(life, sight.time(), what));
                    first = Math.min(first, sight.time());
                } else if (sight.what() == Sight.What.DELETE && sight.time() < asked) {
                    faults.add("nobody had asked for the " + Change.of(sight) + " of session " + last.session());
                }
            }
            if (first < Long.MAX_VALUE) {
                delays.add(first - last.end() - last.ttlSeconds() * SECOND);
            }
        }
    }

    private void early(Holding life, long time, String what) {
        long over = life.start() + life.ttlSeconds() * SECOND;
        if (time < over) {
            faults.add("early by " + Words.millis(over - time) + ": at " + evidence.tell(time) + " " + what
                    + ", after\n  " + tell(life));
        }
    }

    private String tell(Holding holding) {
        return "holder " + holding.holder() + " " + holding.what() + " " + holding.session() + " ("
                + holding.ttlSeconds()
                + " s) between " + evidence.tell(holding.start()) + " and " + evidence.tell(holding.end()) + ": "
                + holding.outcome() + (holding.gone() ? ", gone" : "");
    }

    private String delays() {
        if (delays.isEmpty()) {
            return "none was seen to end";
        }
        Collections.sort(delays);
        return delays.size() + " were seen to end, late by " + Words.millis(delays.get(delays.size() / 2))
                + " (median), " + Words.millis(delays.get(delays.size() * 99 / 100)) + " (99 %), "
                + Words.millis(delays.get(delays.size() - 1)) + " (most)";
    }
}

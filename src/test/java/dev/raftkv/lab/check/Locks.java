package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Locking;
import dev.raftkv.lab.history.Locking.What;
import dev.raftkv.lab.history.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A lock is one session's at any moment: each hold has a token of its own, which is greater than that of each hold that was there
 * before; nobody gets the lock while another has it for certain, or in the lock delay behind it; and what the lock protects, in
 * the store and elsewhere, took no write of an earlier holder behind one of a later.
 */
final class Locks {
    static final String NAME = "locks";

    private static final long SECOND = 1_000_000_000L;
    private static final long MILLI = 1_000_000;

    private final Evidence evidence;
    private final Faults faults = new Faults(NAME);
    private long holds;
    private long taken;
    private long refused;
    private long stored;

    /**
     * A token of a lock with its session.
     *
     * @param known after somebody was told of it, the earliest such moment
     * @param begun before it can have been the session's
     * @param until up to when it was the session's for certain, once it was
     * @param free before it nobody else can have got it: at or behind {@code until}
     */
    private record Hold(long token, Locking first, long begun, long known, long until, long free) {}

    private Locks(Evidence evidence) {
        this.evidence = evidence;
    }

    static Verdict check(Evidence evidence) {
        Locks check = new Locks(evidence);
        Map<String, List<Locking>> locks = evidence.history().lockings().stream()
                .collect(Collectors.groupingBy(Locking::lock, TreeMap::new, Collectors.toList()));
        locks.values().forEach(check::look);
        return check.faults.verdict(locks.size() + " locks, " + check.holds + " holds, " + check.taken
                + " writes to what they protect, " + check.refused + " more refused, " + check.stored
                + " in the store");
    }

    /** @param lockings of one lock, in the order of their starts */
    private void look(List<Locking> lockings) {
        List<Hold> all = holds(lockings);
        holds += all.size();
        lookAtOrder(all);
        lookAtSights(lockings, all);
        lookAtWrites(lockings);
        lookAtStores(lockings);
    }

    private List<Hold> holds(List<Locking> lockings) {
        Map<String, List<Locking>> sessions = lockings.stream()
                .filter(locking -> locking.session() != null)
                .collect(Collectors.groupingBy(Locking::session));
        Map<Long, Hold> byToken = new TreeMap<>();
        for (Locking take : lockings) {
            if (take.what() != What.TAKE || !take.isDone()) {
                continue;
            }
            if (take.token() < 0) {
                faults.add("a lock without a token: " + tell(take));
                continue;
            }
            List<Locking> own = sessions.get(take.session());
            long begun = own.stream()
                    .filter(each -> each.what() == What.TAKE)
                    .mapToLong(Locking::start)
                    .min()
                    .orElseThrow();
            Hold hold = new Hold(take.token(), take, begun, take.end(), until(own), free(own));
            Hold other = byToken.putIfAbsent(take.token(), hold);
            if (other != null && !other.first.session().equals(take.session())) {
                faults.add("two sessions have one token:\n  " + tell(other.first) + "\n  " + tell(take));
            }
        }
        return List.copyOf(byToken.values());
    }

    /** Up to when a session has for certain what it has: it lives, and has not asked to let go. */
    private static long until(List<Locking> own) {
        return Math.min(lives(own), Math.min(asked(own, What.RELEASE), asked(own, What.END)));
    }

    /** Who has let go has done so at once, and what ends otherwise ends with a lock delay. */
    private static long free(List<Locking> own) {
        // Cluster time counts whole milliseconds.
        long delay = Math.max(0, own.get(0).delayMillis() - 1) * MILLI;
        long ends = Math.min(lives(own), asked(own, What.END));
        return Math.min(asked(own, What.RELEASE), ends == Long.MAX_VALUE ? ends : ends + delay);
    }

    private static long lives(List<Locking> own) {
        return own.stream()
                .filter(Locking::gaveLife)
                .mapToLong(life -> life.start() + life.ttlSeconds() * SECOND)
                .max()
                .orElse(Long.MIN_VALUE / 2);
    }

    private static long asked(List<Locking> own, What what) {
        return own.stream()
                .filter(each -> each.what() == what && each.mayLetGo())
                .mapToLong(Locking::start)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** @param all by their tokens */
    private void lookAtOrder(List<Hold> all) {
        for (int i = 0; i < all.size(); i++) {
            for (int j = 0; j < all.size(); j++) {
                Hold one = all.get(i);
                Hold other = all.get(j);
                if (i == j) {
                    continue;
                }
                if (one.token > other.token && one.known < other.begun) {
                    faults.add("a later hold has a smaller token:\n  " + tell(one.first) + "\n  " + tell(other.first));
                }
                boolean isLater = one.known < other.begun || one.token < other.token;
                if (isLater && other.known < one.until) {
                    faults.add("two have the lock at once, one of them until " + evidence.tell(one.until) + ":\n  "
                            + tell(one.first) + "\n  " + tell(other.first));
                } else if (isLater && other.known < one.free) {
                    faults.add("another one has it within the lock delay, until " + evidence.tell(one.free) + ":\n  "
                            + tell(one.first) + "\n  " + tell(other.first));
                }
            }
        }
    }

    /** What a read shows is a hold that can be, and while one is there for certain it is that one. */
    private void lookAtSights(List<Locking> lockings, List<Hold> all) {
        Map<Long, String> owners = new HashMap<>();
        all.forEach(hold -> owners.put(hold.token, hold.first.session()));
        List<Locking> sights = lockings.stream()
                .filter(each -> each.what() == What.SEE && each.isDone())
                .toList();
        for (Locking sight : sights) {
            String owner = sight.token() < 0 ? null : owners.get(sight.token());
            if (owner != null && !owner.equals(sight.owner())) {
                faults.add("a read shows the token of " + owner + ": " + tell(sight));
            }
            for (Hold hold : all) {
                boolean certain = hold.known < sight.start() && sight.end() < hold.until;
                if (certain && sight.token() != hold.token) {
                    faults.add("a read does not show the hold:\n  " + tell(hold.first) + "\n  " + tell(sight));
                }
            }
        }
        lookAtOrderOfSights(sights);
    }

    private void lookAtOrderOfSights(List<Locking> sights) {
        List<Locking> byEnd =
                sights.stream().sorted(Comparator.comparingLong(Locking::end)).toList();
        Locking greatest = null;
        int ended = 0;
        for (Locking sight : sights) {
            while (ended < byEnd.size() && byEnd.get(ended).end() < sight.start()) {
                Locking next = byEnd.get(ended++);
                greatest = greatest == null || next.token() > greatest.token() ? next : greatest;
            }
            if (greatest != null && sight.token() >= 0 && sight.token() < greatest.token()) {
                faults.add("a token went back:\n  " + tell(greatest) + "\n  " + tell(sight));
            }
        }
    }

    private void lookAtWrites(List<Locking> lockings) {
        List<Locking> writes =
                lockings.stream().filter(each -> each.what() == What.WRITE).toList();
        List<Locking> done = new ArrayList<>();
        for (Locking write : writes) {
            if (write.isDone()) {
                taken++;
                done.add(write);
            } else {
                refused++;
            }
        }
        Locking greatest = null;
        for (Locking write : done) {
            if (greatest != null && write.token() < greatest.token() && greatest.end() < write.start()) {
                faults.add("an earlier holder wrote behind a later one:\n  " + tell(greatest) + "\n  " + tell(write));
            }
            greatest = greatest == null || write.token() > greatest.token() ? write : greatest;
        }
        lookAtRefusals(lockings, writes);
    }

    /** The store says in which order it has stored the tokens. */
    private void lookAtStores(List<Locking> lockings) {
        List<Locking> stores = lockings.stream()
                .filter(each -> each.what() == What.STORE && each.isDone())
                .sorted(Comparator.comparingLong(Locking::revision))
                .toList();
        stored += stores.size();
        for (int i = 1; i < stores.size(); i++) {
            Locking one = stores.get(i - 1);
            Locking other = stores.get(i);
            if (one.revision() == other.revision() || other.token() < one.token()) {
                faults.add("the store took an earlier holder's behind a later one's:\n  " + tell(one) + "\n  "
                        + tell(other));
            }
        }
        lookAtRefusals(
                lockings,
                lockings.stream().filter(each -> each.what() == What.STORE).toList());
    }

    /** Who has the lock for certain is not refused: nobody has a greater token yet. */
    private void lookAtRefusals(List<Locking> lockings, List<Locking> writes) {
        Map<String, List<Locking>> sessions = lockings.stream()
                .filter(locking -> locking.session() != null)
                .collect(Collectors.groupingBy(Locking::session));
        for (Locking write : writes) {
            if (write.outcome() == Outcome.REFUSED && write.end() < until(sessions.get(write.session()))) {
                faults.add("a holder was refused, as if another had the lock: " + tell(write));
            }
        }
    }

    private String tell(Locking locking) {
        return "contender " + locking.contender() + " " + locking.what() + " " + locking.lock() + " for "
                + locking.session() + " (" + locking.ttlSeconds() + " s) between " + evidence.tell(locking.start())
                + " and " + evidence.tell(locking.end()) + ": " + locking.outcome() + ", token " + locking.token()
                + (locking.owner() == null ? "" : " of " + locking.owner())
                + (locking.revision() < 0 ? "" : " at " + locking.revision());
    }
}

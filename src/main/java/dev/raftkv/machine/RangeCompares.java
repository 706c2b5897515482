package dev.raftkv.machine;

import dev.raftkv.model.Compare;
import dev.raftkv.store.Ranges;
import java.util.Optional;
import java.util.OptionalLong;

/** The compares of one transaction that are about ranges: all of them look at a bounded number of keys together. */
final class RangeCompares {
    private final Ranges ranges;
    private long left = Compare.OfRange.MOST_KEYS;

    RangeCompares(Ranges ranges) {
        this.ranges = ranges;
    }

    /** Whether it holds; empty if it cannot be told without looking at too many keys. */
    Optional<Boolean> holds(Compare.OfRange compare) {
        return compare instanceof Compare.Count count ? holds(count) : holds((Compare.Revisions) compare);
    }

    private Optional<Boolean> holds(Compare.Count compare) {
        long most = Math.min(compare.count(), left);
        OptionalLong counted = ranges.count(compare.prefix(), most);
        if (counted.isEmpty() && most < compare.count()) {
            return Optional.empty();
        }
        left -= counted.orElse(most);
        return Optional.of(compare.holds(counted.orElse(most + 1)));
    }

    private Optional<Boolean> holds(Compare.Revisions compare) {
        boolean[] holds = {true};
        ranges.changeRevisions(compare.prefix(), revision -> {
            left--;
            holds[0] = compare.holds(revision);
            return left >= 0 && holds[0];
        });
        return left < 0 ? Optional.empty() : Optional.of(holds[0]);
    }
}

package dev.raftkv.lab;

import java.util.Locale;
import java.util.Random;

/**
 * One fault of a schedule.
 *
 * @param leader whether it is to strike the node that leads then, else another
 * @param millis how long it lasts
 * @param restMillis how long nothing happens afterwards
 * @param dice where all other choices come from
 */
record Step(int number, FaultKind kind, boolean leader, int millis, int restMillis, long dice) {
    /** The same choices each time. */
    Random random() {
        return new Random(dice);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%3d %-13s %-8s %5d ms, rest %4d ms, dice %016x",
                number,
                kind,
                leader ? "leader" : "other",
                millis,
                restMillis,
                dice);
    }
}

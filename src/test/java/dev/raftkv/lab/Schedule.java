package dev.raftkv.lab;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;

/** Faults without end, always the same ones for a seed. Each kind comes once before any comes again. */
final class Schedule implements Iterator<Step> {
    private static final int LEAST_REST_MILLIS = 500;
    private static final int MOST_REST_MILLIS = 4_000;

    private final Random random;
    private final List<FaultKind> kinds;
    private final List<FaultKind> left = new ArrayList<>();
    private int number;

    /** @param kinds those to choose from */
    Schedule(long seed, List<FaultKind> kinds) {
        this.random = new Random(seed);
        this.kinds = List.copyOf(kinds);
    }

    @Override
    public boolean hasNext() {
        return !kinds.isEmpty();
    }

    @Override
    public Step next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no kinds of faults");
        }
        if (left.isEmpty()) {
            left.addAll(kinds);
            Collections.shuffle(left, random);
        }
        FaultKind kind = left.remove(left.size() - 1);
        return new Step(
                ++number,
                kind,
                random.nextBoolean(),
                random.nextInt(kind.leastMillis(), kind.mostMillis() + 1),
                random.nextInt(LEAST_REST_MILLIS, MOST_REST_MILLIS),
                random.nextLong());
    }
}

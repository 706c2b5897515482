package dev.raftkv.lab.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Collects what a checker finds: the first faults in words, and how many there are. */
final class Faults {
    private static final int TOLD = 10;

    private final String check;
    private final List<String> first = new ArrayList<>();
    private String picture;
    private long count;

    Faults(String check) {
        this.check = check;
    }

    void add(String fault) {
        if (count++ < TOLD) {
            first.add(fault);
        }
    }

    /** The picture of the first fault that has one. */
    void draw(String svg) {
        if (picture == null) {
            picture = svg;
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** @param summary what was looked at */
    Verdict verdict(String summary) {
        List<String> told = new ArrayList<>(first);
        if (count > TOLD) {
            told.add("and " + (count - TOLD) + " more");
        }
        return new Verdict(check, summary, told, Optional.ofNullable(picture));
    }
}

package dev.raftkv.lab.check;

import java.util.List;
import java.util.Optional;

/**
 * What a checker found.
 *
 * @param check its name
 * @param summary what was looked at, with figures
 * @param faults each broken promise in words, the first ones only
 * @param picture one of the faults as SVG
 */
public record Verdict(String check, String summary, List<String> faults, Optional<String> picture) {
    public boolean passed() {
        return faults.isEmpty();
    }

    @Override
    public String toString() {
        return (passed() ? "ok     " : "BROKEN ") + check + ": " + summary
                + (passed() ? "" : "\n    " + String.join("\n    ", faults).replace("\n", "\n    "));
    }
}

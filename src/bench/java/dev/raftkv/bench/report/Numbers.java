package dev.raftkv.bench.report;

import java.util.Locale;

/** Figures for people: as many digits as can be believed. */
final class Numbers {
    private Numbers() {}

    /** @param value &ge; 0 */
    static String shown(double value) {
        String format = value >= 99.95 ? "%,.0f" : value >= 9.995 ? "%.1f" : value >= 0.9995 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, format, value);
    }

    /** How many times. */
    static String times(double ratio) {
        return String.format(Locale.ROOT, ratio >= 9.995 ? "%.1f" : "%.2f", ratio);
    }
}

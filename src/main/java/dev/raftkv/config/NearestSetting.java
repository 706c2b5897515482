package dev.raftkv.config;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;

/** Finds the setting that a mistyped name most likely means. */
final class NearestSetting {
    private NearestSetting() {}

    static Optional<Setting> to(String name) {
        return Arrays.stream(Setting.values())
                .min(Comparator.comparingInt(setting -> distance(name, setting.name())))
                .filter(setting -> isMostlyRight(name, setting.name()));
    }

    /** With half of its letters wrong, the prefix apart, a name is more likely somebody else's. */
    private static boolean isMostlyRight(String name, String meant) {
        int letters = Math.max(name.length(), meant.length()) - Source.PREFIX.length();
        return 2 * distance(name, meant) < letters;
    }

    /** Levenshtein's: how many letters to add, drop or change. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int changed = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}

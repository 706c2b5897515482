package dev.raftkv.launch;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;

/** Finds the option that a mistyped one most likely means. */
final class NearestFlag {
    private static final int MIN_BEGINNING = 3;

    private NearestFlag() {}

    /** The flag that begins with the word, or else the one of which most letters are there; empty if there is none. */
    static Optional<String> to(String word) {
        String letters = letters(word);
        return Arrays.stream(LaunchOption.values())
                .map(LaunchOption::flag)
                .min(Comparator.comparingInt(flag -> mistakes(letters, letters(flag))))
                .filter(flag -> 2 * mistakes(letters, letters(flag))
                        <= Math.max(letters.length(), letters(flag).length()));
    }

    private static int mistakes(String word, String flag) {
        return word.length() >= MIN_BEGINNING && flag.startsWith(word) ? 1 : distance(word, flag);
    }

    /** Hyphens in front do not count: {@code -port} means {@code --port}. */
    private static String letters(String flag) {
        return flag.replaceFirst("^-+", "");
    }

    /** Levenshtein's: how many letters to add, drop or change. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        Arrays.setAll(row, length -> length);
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

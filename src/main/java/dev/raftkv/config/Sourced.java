package dev.raftkv.config;

/**
 * A value and where it came from.
 *
 * @param origin the label of a source, or {@link #DEFAULT}
 */
record Sourced(String value, String origin) {
    static final String DEFAULT = "default";

    private static final int SHOWN = 200;

    boolean isDefault() {
        return origin.equals(DEFAULT);
    }

    /** {@code NAME=value (origin)} on one line, whatever the value holds. */
    String describe(Setting setting) {
        String line = value.replaceAll("\\p{Cntrl}", "?");
        String shown = line.length() > SHOWN ? line.substring(0, SHOWN) + "..." : line;
        return setting + "=" + shown + " (" + origin + ")";
    }
}

package dev.raftkv.config;

/**
 * A value and where it came from.
 *
 * @param origin the label of a source, or {@code default}
 */
record Sourced(String value, String origin) {
    private static final int SHOWN = 200;

    /** {@code NAME=value (origin)} on one line, whatever the value holds. */
    String describe(Setting setting) {
        String line = value.replaceAll("\\p{Cntrl}", "?");
        String shown = line.length() > SHOWN ? line.substring(0, SHOWN) + "..." : line;
        return setting + "=" + shown + " (" + origin + ")";
    }
}

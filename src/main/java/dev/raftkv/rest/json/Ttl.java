package dev.raftkv.rest.json;

import java.util.OptionalLong;

/** The time to live of a key, in seconds. */
public final class Ttl {
    public static final String NAME = "ttl";

    /** Ten years. */
    public static final long MAX_SECONDS = 315_360_000;

    private Ttl() {}

    /** Of what is left the next full second is shown, so that a key that lives has one. */
    public static long secondsOf(long millis) {
        return (millis + 999) / 1000;
    }

    /** @param seconds empty for ever */
    public static long millisOf(OptionalLong seconds) {
        return seconds.orElse(0) * 1000;
    }
}

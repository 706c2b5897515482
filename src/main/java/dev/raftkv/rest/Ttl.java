package dev.raftkv.rest;

import java.util.OptionalLong;

/** The time to live of a key, in seconds. */
final class Ttl {
    static final String NAME = "ttl";

    /** Ten years. */
    static final long MAX_SECONDS = 315_360_000;

    private Ttl() {}

    /** Of what is left the next full second is shown, so that a key that lives has one. */
    static long secondsOf(long millis) {
        return (millis + 999) / 1000;
    }

    /** @param seconds empty for ever */
    static long millisOf(OptionalLong seconds) {
        return seconds.orElse(0) * 1000;
    }
}

package dev.raftkv.launch;

import java.util.logging.LogManager;

/**
 * A log that outlives the start of the JVM's shutdown: the one of the JDK takes all handlers away as soon as that begins,
 * while the node still stops and has something to tell. Named by a system property, and made by the JDK.
 */
public final class LaunchLogManager extends LogManager {
    /** Does nothing: the handlers write each line at once, and nobody else asks for this. */
    @Override
    public void reset() {}
}

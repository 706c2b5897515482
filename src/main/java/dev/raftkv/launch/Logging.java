package dev.raftkv.launch;

import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The log of the whole JVM, on the standard error stream. raftkv and Jetty log by slf4j, of which each has its own, and both
 * hand over to java.util.logging.
 */
final class Logging {
    /** Held, because java.util.logging forgets a logger, and its level with it, that nobody refers to. */
    private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

    private Logging() {}

    /** To be called before anything logs. An operator's own configuration of java.util.logging stays as it is. */
    static void start(LogFormat format) {
        if (isSet("java.util.logging.config.file") || isSet("java.util.logging.config.class")) {
            return;
        }
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        Handler console = new ConsoleHandler();
        console.setFormatter(format.formatter());
        root.addHandler(console);
        JETTY.setLevel(Level.WARNING);
    }

    private static boolean isSet(String property) {
        return System.getProperty(property) != null;
    }
}

package dev.raftkv.web;

import java.util.Collections;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * Berkeley DB gives its loggers handlers of its own classes. Tomcat has loggers for each web application; elsewhere they are those
 * of the JVM and outlive it, with the handlers, and through them all classes of each application that has ended.
 */
final class LogHandlers {
    private LogHandlers() {}

    /** Takes the handlers of this application off all loggers; for its very end. */
    static void remove() {
        ClassLoader ours = LogHandlers.class.getClassLoader();
        for (String name : Collections.list(LogManager.getLogManager().getLoggerNames())) {
            Logger logger = LogManager.getLogManager().getLogger(name);
            if (logger != null) {
                for (Handler handler : logger.getHandlers()) {
                    if (handler.getClass().getClassLoader() == ours) {
                        logger.removeHandler(handler);
                    }
                }
            }
        }
    }
}

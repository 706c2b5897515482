package dev.raftkv.web;

import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps Ratis, which logs every property and every step at INFO, from filling the container's log. A level that the
 * operator has configured stays.
 *
 * <p>A logging.properties in the WAR would not do: Tomcat cuts a web application that has one off from the container's
 * handlers, and Jetty does not read it. Tomcat keeps loggers per web application; elsewhere the level holds for all users
 * of Ratis in the JVM. Berkeley DB JE needs nothing: it logs to a file beside its data, never to the container.
 */
final class LogLevels {
    /** Held, because java.util.logging forgets a logger, and its level with it, that nobody refers to. */
    private final Map<Logger, Level> quiet = Map.of(
            Logger.getLogger("org.apache.ratis"),
            Level.WARNING,
            // These two repeat several times a second, for as long as it lasts, that a member does not answer.
            Logger.getLogger("org.apache.ratis.util.LifeCycle"),
            Level.OFF,
            Logger.getLogger("org.apache.ratis.server.leader.LogAppender"),
            Level.SEVERE,
            // JMX takes no colon in a name, and our peer ids have one.
            Logger.getLogger("org.apache.ratis.util.JmxRegister"),
            Level.OFF);

    void quieten() {
        quiet.forEach((logger, level) -> {
            if (logger.getLevel() == null) {
                logger.setLevel(level);
            }
        });
    }
}

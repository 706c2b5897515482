package dev.raftkv.store;

import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings JE's warnings into the node's log. JE cuts its loggers off from those of the process, and its background threads
 * have no other way to say what failed.
 */
final class JeLog extends Handler {
    private static final Logger LOG = LoggerFactory.getLogger(JeLog.class);

    private final Formatter formatter = new SimpleFormatter();

    JeLog() {
        setLevel(Level.WARNING);
    }

    @Override
    public void publish(LogRecord event) {
        if (isLoggable(event)) {
            LOG.warn("Berkeley DB JE: {}", formatter.formatMessage(event), event.getThrown());
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}

package dev.raftkv.launch;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * What both formats tell of a log record.
 *
 * @param time in UTC, to the millisecond
 * @param level as the code that logs calls it, which is not always java.util.logging's word
 * @param exception its stack trace
 */
record LogEvent(String time, String level, String logger, String thread, String message, Optional<String> exception) {
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    /** @param message of the record, with its parameters in place */
    static LogEvent of(LogRecord record, String message) {
        return new LogEvent(
                TIME.format(record.getInstant()),
                level(record.getLevel()),
                Optional.ofNullable(record.getLoggerName()).orElse(""),
                thread(record),
                Optional.ofNullable(message).orElse(""),
                Optional.ofNullable(record.getThrown()).map(LogEvent::stackTrace));
    }

    private static String level(Level level) {
        int value = level.intValue();
        if (value >= Level.SEVERE.intValue()) {
            return "ERROR";
        } else if (value >= Level.WARNING.intValue()) {
            return "WARN";
        } else if (value >= Level.CONFIG.intValue()) {
            return "INFO";
        }
        return value >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
    }

    /** A record knows the number of its thread only; it is formatted by that thread unless a handler is between. */
    private static String thread(LogRecord record) {
        Thread current = Thread.currentThread();
        return current.getId() == record.getLongThreadID() ? current.getName() : "thread-" + record.getLongThreadID();
    }

    private static String stackTrace(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString().stripTrailing();
    }
}

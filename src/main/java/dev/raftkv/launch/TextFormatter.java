package dev.raftkv.launch;

import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** One line per event, with the stack trace of an exception below it. Used by any thread. */
final class TextFormatter extends Formatter {
    @Override
    public String format(LogRecord record) {
        LogEvent event = LogEvent.of(record, formatMessage(record));
        // A message of several lines would look like several events to grep.
        String line = event.message().strip().replaceAll("\\s*\\R\\s*", " | ");
        String shortName = event.logger().substring(event.logger().lastIndexOf('.') + 1);
        return "%s %-5s %s [%s] %s%s%n"
                .formatted(
                        event.time(),
                        event.level(),
                        shortName,
                        event.thread(),
                        line,
                        event.exception()
                                .map(stack -> System.lineSeparator() + stack)
                                .orElse(""));
    }
}

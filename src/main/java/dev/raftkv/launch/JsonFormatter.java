package dev.raftkv.launch;

import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/**
 * One JSON object per event and line: {@code time} (UTC), {@code level}, {@code logger}, {@code thread}, {@code message},
 * and {@code exception} with the stack trace if there is one. Used by any thread.
 */
final class JsonFormatter extends Formatter {
    private static final char FIRST_PRINTABLE = 0x20;
    private static final char LAST_PRINTABLE = 0x7e;

    @Override
    public String format(LogRecord record) {
        LogEvent event = LogEvent.of(record, formatMessage(record));
        StringBuilder line = new StringBuilder("{");
        member(line, "time", event.time());
        member(line.append(','), "level", event.level());
        member(line.append(','), "logger", event.logger());
        member(line.append(','), "thread", event.thread());
        member(line.append(','), "message", event.message());
        event.exception().ifPresent(stack -> member(line.append(','), "exception", stack));
        return line.append("}\n").toString();
    }

    private static void member(StringBuilder line, String name, String value) {
        line.append('"').append(name).append("\":\"");
        value.chars().forEach(c -> character(line, (char) c));
        line.append('"');
    }

    private static void character(StringBuilder line, char c) {
        switch (c) {
            case '"', '\\' -> line.append('\\').append(c);
            case '\n' -> line.append("\\n");
            case '\r' -> line.append("\\r");
            case '\t' -> line.append("\\t");
            default -> {
                // ASCII alone: whoever reads this need not guess the encoding of the standard error stream.
                if (c < FIRST_PRINTABLE || c > LAST_PRINTABLE) {
                    line.append("\\u%04x".formatted((int) c));
                } else {
                    line.append(c);
                }
            }
        }
    }
}

package dev.raftkv.rest.consul.text;

import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;

/** Texts as Go prints them, and clients read them. */
public final class GoText {
    private static final int SECONDS = 60;
    private static final int UUID_LENGTH = 36;

    private GoText() {}

    /** In double quotes. */
    public static String quote(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        text.codePoints().forEach(each -> quoted.append(escape(each)));
        return quoted.append('"').toString();
    }

    /** As a name or a value of a query. */
    public static String escape(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    private static String escape(int each) {
        return switch (each) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case 0x07 -> "\\a";
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case 0x0B -> "\\v";
            default -> isPrintable(each) ? Character.toString(each) : hex(each);
        };
    }

    private static boolean isPrintable(int each) {
        return each == ' '
                || switch (Character.getType(each)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.SPACE_SEPARATOR,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR -> false;
                    default -> true;
                };
    }

    private static String hex(int each) {
        String format = each < 0x80 ? "\\x%02x" : each < 0x10000 ? "\\u%04x" : "\\U%08x";
        return String.format(Locale.ROOT, format, each);
    }

    /** A duration: {@code 1h0m0s}, {@code 1.5s}, {@code 250ms}. */
    public static String of(Duration duration) {
        if (duration.isNegative()) {
            return "-" + of(duration.negated());
        }
        if (duration.isZero()) {
            return "0s";
        }
        if (duration.toSeconds() == 0) {
            return small(duration.toNanos());
        }
        BigDecimal seconds = BigDecimal.valueOf(duration.toSeconds() % SECONDS)
                .add(BigDecimal.valueOf(duration.toNanosPart(), 9))
                .stripTrailingZeros();
        String minutes = duration.toMinutes() == 0 ? "" : duration.toMinutesPart() + "m";
        String hours = duration.toHours() == 0 ? "" : duration.toHours() + "h";
        return hours + minutes + seconds.toPlainString() + "s";
    }

    private static String small(long nanos) {
        int scale = nanos < 1_000 ? 0 : nanos < 1_000_000 ? 3 : 6;
        String unit = scale == 0 ? "ns" : scale == 3 ? "\u00b5s" : "ms";
        return BigDecimal.valueOf(nanos, scale).stripTrailingZeros().toPlainString() + unit;
    }

    /** The session that a text names; one that has never been if it cannot be the name of one. */
    public static UUID session(String id) {
        try {
            return id.length() == UUID_LENGTH ? UUID.fromString(id) : new UUID(0, 0);
        } catch (IllegalArgumentException e) {
            return new UUID(0, 0);
        }
    }
}

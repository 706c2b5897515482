package dev.raftkv.ops;

import dev.raftkv.meter.Histogram;
import java.math.BigDecimal;

/** Writes metrics in the text format of Prometheus, version 0.0.4. Belongs to one thread. */
public final class Exposition {
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    /** Above this a double does not hold every whole number. */
    private static final double WHOLE = 1L << 53;

    /** The kinds of metrics. */
    public enum Type {
        COUNTER("counter"),
        GAUGE("gauge"),
        HISTOGRAM("histogram"),
        SUMMARY("summary");

        private final String word;

        Type(String word) {
            this.word = word;
        }
    }

    private final StringBuilder text = new StringBuilder(16 * 1024);
    private String family;

    /**
     * Begins a metric, whose samples follow. Each is begun once.
     *
     * @param help a sentence on one line
     */
    public void begin(String name, Type type, String help) {
        family = name;
        text.append("# HELP ").append(name).append(' ');
        text.append(help.replace("\\", "\\\\")).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type.word).append('\n');
    }

    /** A counter without labels. */
    public void counter(String name, String help, double value) {
        begin(name, Type.COUNTER, help);
        sample(value);
    }

    /** A gauge without labels. */
    public void gauge(String name, String help, double value) {
        begin(name, Type.GAUGE, help);
        sample(value);
    }

    /** @param labels names and values in turn */
    public void sample(double value, String... labels) {
        line("", value, labels, null);
    }

    /** @param labels names and values in turn */
    public void histogram(Histogram.Snapshot histogram, String... labels) {
        double[] bounds = histogram.bounds();
        for (int bucket = 0; bucket < bounds.length; bucket++) {
            line("_bucket", histogram.upTo()[bucket], labels, number(bounds[bucket]));
        }
        line("_bucket", histogram.count(), labels, "+Inf");
        line("_sum", histogram.sum(), labels, null);
        line("_count", histogram.count(), labels, null);
    }

    /**
     * Sum and count of what was observed, without quantiles.
     *
     * @param labels names and values in turn
     */
    public void summary(double sum, long count, String... labels) {
        line("_sum", sum, labels, null);
        line("_count", count, labels, null);
    }

    private void line(String suffix, double value, String[] labels, String bound) {
        text.append(family).append(suffix);
        String before = "{";
        for (int i = 0; i < labels.length; i += 2) {
            text.append(before).append(labels[i]).append("=\"");
            text.append(escape(labels[i + 1])).append('"');
            before = ",";
        }
        if (bound != null) {
            text.append(before).append("le=\"").append(bound).append('"');
        }
        if (labels.length > 0 || bound != null) {
            text.append('}');
        }
        text.append(' ').append(number(value)).append('\n');
    }

    private static String escape(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < WHOLE) {
            return Long.toString((long) value);
        }
        return Double.isFinite(value)
                ? BigDecimal.valueOf(value).stripTrailingZeros().toPlainString()
                : word(value);
    }

    private static String word(double value) {
        return Double.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    }

    /** All that was written so far. */
    public String text() {
        return text.toString();
    }
}

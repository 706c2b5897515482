package dev.raftkv.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The medians as tables of Markdown, a column for each peer. */
public final class Tables {
    private static final String NONE = "-";

    private final Summary summary;
    private final List<String> peers;

    /** @param peers the first is the one that the others are compared with */
    public Tables(Summary summary, List<String> peers) {
        this.summary = summary;
        this.peers = List.copyOf(peers);
    }

    /** All figures, a table for each kind, with a blank line between two. Figures that nobody has are in none. */
    public String text() {
        List<String> tables = new ArrayList<>();
        add(tables, "operations a second", Figure.RATE, this::compared);
        add(tables, "latency in ms: p50, p99, p99.9", Figure.P50, this::latency);
        add(tables, "processor time of the three nodes in ms an operation", Figure.NODE_CPU, this::compared);
        add(tables, "processor time of the three nodes in s a minute", Figure.CPU_A_MINUTE, this::compared);
        add(tables, "KiB that the three nodes write to the disk in a minute", Figure.WRITTEN, this::compared);
        add(tables, "entries of the log in a minute", Figure.ENTRIES, this::compared);
        add(tables, "processor time of the client in ms an operation", Figure.CLIENT_WORK, this::compared);
        add(tables, "to the first write, in ms: median, worst", Figure.FIRST_WRITE, this::worst);
        add(tables, "until all three answer reads, in ms: median, worst", Figure.ALL_SERVE, this::worst);
        add(tables, "resident memory of the largest node, in MiB", Figure.MEMORY, this::compared);
        return String.join("\n", tables);
    }

    /** What matters most, in one table. */
    public String overview() {
        StringBuilder table = begin(List.of("", "clients"));
        for (Sample.Row row : summary.rows(Figure.RATE)) {
            line(table, List.of(row.work(), "" + row.connections()), peer -> load(row, peer));
        }
        figures(table, Figure.CPU_A_MINUTE, "s of processor time of the nodes in a minute");
        figures(table, Figure.WRITTEN, "KiB written to the disks in a minute");
        figures(table, Figure.ENTRIES, "entries of the log in a minute");
        figures(table, Figure.FIRST_WRITE, "ms to the first write");
        figures(table, Figure.ALL_SERVE, "ms until all answer reads");
        figures(table, Figure.MEMORY, "MiB of memory of the largest node");
        return table.toString();
    }

    private void figures(StringBuilder table, Figure figure, String words) {
        for (Sample.Row row : summary.rows(figure)) {
            line(table, List.of(row.work() + ": " + words, ""), peer -> compared(row, peer, figure));
        }
    }

    /** What is in one cell. */
    private interface Cell {
        /** Empty if there is no such figure. */
        String of(Sample.Row row, String peer, Figure figure);
    }

    private void add(List<String> tables, String title, Figure figure, Cell cell) {
        List<Sample.Row> rows = summary.rows(figure);
        if (rows.isEmpty()) {
            return;
        }
        boolean load = rows.stream().anyMatch(row -> row.connections() > 0);
        StringBuilder table = begin(load ? List.of(title, "clients") : List.of(title));
        for (Sample.Row row : rows) {
            List<String> left = load ? List.of(row.work(), "" + row.connections()) : List.of(row.work());
            line(table, left, peer -> cell.of(row, peer, figure));
        }
        tables.add(table.toString());
    }

    /** @param left the titles of what is left of the peers */
    private StringBuilder begin(List<String> left) {
        StringBuilder table = new StringBuilder();
        line(table, left, peer -> peer);
        return table.append("|---")
                .append("|--:".repeat(left.size() - 1 + peers.size()))
                .append("|\n");
    }

    private void line(StringBuilder table, List<String> left, UnaryOperator<String> cell) {
        Stream<String> cells = peers.stream().map(cell).map(text -> text.isEmpty() ? NONE : text);
        table.append(Stream.concat(left.stream(), cells).collect(Collectors.joining(" | ", "| ", " |\n")));
    }

    private String compared(Sample.Row row, String peer, Figure figure) {
        String shown = median(row, peer, figure);
        OptionalDouble ratio =
                peer.equals(peers.get(0)) ? OptionalDouble.empty() : summary.ratio(row, peer, peers.get(0), figure);
        return ratio.isPresent() ? shown + " (" + Numbers.times(ratio.getAsDouble()) + ")" : shown;
    }

    private String load(Sample.Row row, String peer) {
        return median(row, peer, Figure.RATE).isEmpty()
                ? ""
                : compared(row, peer, Figure.RATE) + "; " + median(row, peer, Figure.P50) + ", "
                        + median(row, peer, Figure.P99) + "; " + median(row, peer, Figure.NODE_CPU);
    }

    private String latency(Sample.Row row, String peer, Figure figure) {
        String p50 = median(row, peer, figure);
        return p50.isEmpty() ? "" : p50 + ", " + median(row, peer, Figure.P99) + ", " + median(row, peer, Figure.P999);
    }

    private String worst(Sample.Row row, String peer, Figure figure) {
        double[] sorted = summary.sorted(row, peer, figure);
        return sorted.length == 0 ? "" : compared(row, peer, figure) + ", " + Numbers.shown(sorted[sorted.length - 1]);
    }

    private String median(Sample.Row row, String peer, Figure figure) {
        OptionalDouble median = summary.median(row, peer, figure);
        return median.isPresent() ? Numbers.shown(median.getAsDouble()) : "";
    }
}

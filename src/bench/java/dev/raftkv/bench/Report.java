package dev.raftkv.bench;

import dev.raftkv.bench.report.Chart;
import dev.raftkv.bench.report.Figure;
import dev.raftkv.bench.report.Sample;
import dev.raftkv.bench.report.Summary;
import dev.raftkv.bench.report.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a run hands over: a text with its tables, and a picture of them. Says each sample on the console as it comes. */
final class Report {
    private final Options options;
    private final String machine;
    private final Map<String, String> peers = new LinkedHashMap<>();
    private final List<String> leftOut = new ArrayList<>();
    private final List<Sample> samples = new ArrayList<>();
    private String micro = "";

    Report(Options options, String machine) {
        this.options = options;
        this.machine = machine;
    }

    void peer(String name, String version) {
        peers.put(name, version);
    }

    /** @param reason who is not measured, and why */
    void leftOut(String reason) {
        leftOut.add(reason);
        System.out.println("LEFT OUT: " + reason);
    }

    /** @param table of Markdown */
    void micro(String table) {
        micro = table;
    }

    void add(Sample sample) {
        samples.add(sample);
        String figures = new TreeMap<>(sample.figures())
                .entrySet().stream()
                        .map(figure -> String.format(
                                Locale.ROOT,
                                "%s %.3f",
                                figure.getKey().name().toLowerCase(Locale.ROOT),
                                figure.getValue()))
                        .collect(Collectors.joining(", "));
        System.out.printf(
                Locale.ROOT,
                "%d %-32s %4d %-10s %s %s%n",
                sample.round(),
                sample.work(),
                sample.connections(),
                sample.peer(),
                figures,
                sample.remark());
    }

    /** Writes {@code report.md}, {@code readme.md} and {@code bench.svg}, and says where they are. */
    void write() throws IOException {
        Summary summary = new Summary(samples);
        List<String> columns = List.copyOf(peers.keySet());
        String text = text(summary, new Tables(summary, columns));
        System.out.println("\n" + text);
        write("report.md", text);
        if (!samples.isEmpty()) {
            write("readme.md", readme(summary, new Tables(summary, columns)));
            write("bench.svg", new Chart(title() + ", " + today(), summary, columns).svg());
        }
    }

    private void write(String name, String content) throws IOException {
        Path file = options.directory().resolve(name);
        Files.writeString(file, content);
        System.out.println(file);
    }

    private String readme(Summary summary, Tables tables) {
        return String.join(
                "\n",
                origin(),
                title() + ". Medians of " + rounds() + ".\n",
                tables.overview(),
                shares(summary) + remarks(summary));
    }

    private String origin() {
        return today() + ", `" + options.command() + "`. " + machine + ".\n";
    }

    private String rounds() {
        return options.rounds() + (options.rounds() == 1 ? " round" : " rounds");
    }

    private static String remarks(Summary summary) {
        List<String> remarks = summary.remarks();
        return remarks.isEmpty()
                ? ""
                : remarks.stream().map(remark -> "- " + remark + "\n").collect(Collectors.joining("", "\n", ""));
    }

    private String text(Summary summary, Tables tables) {
        List<String> parts = new ArrayList<>();
        parts.add(origin());
        leftOut.forEach(reason -> parts.add("Left out: " + reason + ".\n"));
        if (!samples.isEmpty()) {
            String first = peers.keySet().iterator().next();
            parts.add(title() + ": three nodes of each and the client on this machine. Medians of " + rounds()
                    + " in which each has its turn; in brackets how many times " + first
                    + "'s, the median of what each round says.\n");
            parts.add(tables.text());
            parts.add(shares(summary) + remarks(summary));
        }
        if (!micro.isEmpty()) {
            parts.add(micro);
        }
        return String.join("\n", parts);
    }

    /** Empty if there was no load. */
    private static String shares(Summary summary) {
        List<String> shares = new ArrayList<>();
        share(shares, summary, Figure.CLIENT_CPU, "the client took %.0f %% of one processor");
        share(shares, summary, Figure.IDLE_CPU, "the peers whose turn it was not %.0f %% of the machine");
        share(
                shares,
                summary,
                Figure.OTHERS_CPU,
                "other programs %.0f %% of the machine: a run with more than 5 is to be repeated");
        return shares.isEmpty() ? "" : "At most " + String.join(", ", shares) + ".\n";
    }

    private static void share(List<String> shares, Summary summary, Figure figure, String words) {
        OptionalDouble highest = summary.highest(figure);
        if (highest.isPresent()) {
            shares.add(String.format(Locale.ROOT, words, highest.getAsDouble() * 100));
        }
    }

    private String title() {
        return peers.entrySet().stream()
                .map(peer -> peer.getKey() + " " + peer.getValue())
                .collect(Collectors.joining(", "));
    }

    private static LocalDate today() {
        return LocalDate.now(ZoneOffset.UTC);
    }
}

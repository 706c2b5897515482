package dev.raftkv.bench.report;

import java.util.List;
import java.util.Locale;

/**
 * The medians as bars, in SVG: a panel for each work, in it a group for each number of connections, in it a bar for each peer.
 * Two panels share the width if they have one group each. Each group has a scale of its own, from zero to its longest bar; the thin line at a bar is from its worst round to its best.
 */
public final class Chart {
    private static final int WIDTH = 820;
    private static final int PANEL = 150;
    private static final int HEAD = 62;
    private static final int LEFT = 20;
    private static final int HALF = (WIDTH - 2 * LEFT) / 2;
    private static final int BAR_SPACE = 92;
    private static final int TITLE = 20;
    private static final int LABELS = 18;
    private static final int FOOT = 34;
    private static final int GROUP_GAP = 14;
    private static final List<String> COLOURS = List.of("#0b6e99", "#d68910", "#2e8b57", "#8e44ad", "#c0392b");

    private final String title;
    private final Summary summary;
    private final List<String> peers;
    private final StringBuilder svg = new StringBuilder();

    /** @param title for people who see the picture alone: what, when, where */
    public Chart(String title, Summary summary, List<String> peers) {
        this.title = title;
        this.summary = summary;
        this.peers = List.copyOf(peers);
    }

    /** The picture, as the text of a file. */
    public String svg() {
        svg.setLength(0);
        int top = HEAD;
        for (String work : summary.rows(Figure.RATE).stream()
                .map(Sample.Row::work)
                .distinct()
                .toList()) {
            List<Sample.Row> rows = summary.rows(Figure.RATE).stream()
                    .filter(row -> row.work().equals(work))
                    .toList();
            panel(LEFT, top, WIDTH - 2 * LEFT, work + ": operations a second", rows, Figure.RATE);
            top += PANEL;
        }
        int column = 0;
        for (Figure figure : List.of(Figure.FIRST_WRITE, Figure.ALL_SERVE, Figure.MEMORY)) {
            for (Sample.Row row : summary.rows(figure)) {
                panel(LEFT + column * HALF, top, HALF, words(row.work(), figure), List.of(row), figure);
                top += column * PANEL;
                column = 1 - column;
            }
        }
        top += column * PANEL;
        String panels = svg.toString();
        return String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
                                + " font-family=\"sans-serif\" font-size=\"11\">%n"
                                + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
                        WIDTH,
                        top,
                        WIDTH,
                        top)
                + legend()
                + panels
                + "</svg>\n";
    }

    private static String words(String work, Figure figure) {
        return switch (figure) {
            case FIRST_WRITE -> work + ": ms to the first write";
            case ALL_SERVE -> work + ": ms until all answer";
            default -> "memory of a node " + work + ": MiB";
        };
    }

    private String legend() {
        StringBuilder legend = new StringBuilder(text(LEFT, 20, "start", "#222", title));
        int x = LEFT;
        for (int peer = 0; peer < peers.size(); peer++) {
            legend.append(rectangle(x, 32, 12, 12, colour(peer)))
                    .append(text(x + 17, 42, "start", "#222", peers.get(peer)));
            x += 160;
        }
        legend.append(
                text(WIDTH - LEFT, 42, "end", "#666", "operations: longer is better; ms and MiB: shorter is better"));
        return legend.toString();
    }

    private void panel(int left, int top, int width, String words, List<Sample.Row> rows, Figure figure) {
        svg.append(text(left, top + TITLE - 6, "start", "#222", words));
        double groupWidth = (double) width / rows.size();
        for (int group = 0; group < rows.size(); group++) {
            group(top, left + group * groupWidth, groupWidth - GROUP_GAP, rows.get(group), figure);
        }
    }

    private void group(int top, double left, double width, Sample.Row row, Figure figure) {
        double longest = peers.stream()
                .mapToDouble(peer -> summary.median(row, peer, figure).orElse(0))
                .max()
                .orElse(0);
        int bottom = top + PANEL - FOOT;
        double slot = Math.min(width / peers.size(), 110);
        for (int peer = 0; peer < peers.size(); peer++) {
            double[] sorted = summary.sorted(row, peers.get(peer), figure);
            double median = summary.median(row, peers.get(peer), figure).orElse(0);
            double height = length(median, longest);
            double middle = left + (peer + 0.5) * slot;
            svg.append(rectangle(middle - slot * 0.4, bottom - height, slot * 0.8, height, colour(peer)));
            if (sorted.length > 0) {
                svg.append(line(
                        middle,
                        bottom - length(sorted[0], longest),
                        bottom - length(sorted[sorted.length - 1], longest)));
            }
            svg.append(
                    text(middle, bottom + 12, "middle", "#222", sorted.length == 0 ? "none" : Numbers.shown(median)));
        }
        if (row.connections() > 0) {
            String connections = row.connections() + (row.connections() == 1 ? " connection" : " connections");
            svg.append(text(left + slot * peers.size() / 2, bottom + 27, "middle", "#666", connections));
        }
    }

    /** A round that was far better than the median would leave its panel. */
    private static double length(double value, double longest) {
        int space = BAR_SPACE - LABELS / 2;
        return longest == 0 ? 0 : Math.min(value / longest, 1.08) * space;
    }

    private static String rectangle(double x, double y, double width, double height, String colour) {
        return String.format(
                Locale.ROOT,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>%n",
                x,
                y,
                width,
                height,
                colour);
    }

    private static String line(double x, double from, double to) {
        return String.format(
                Locale.ROOT, "<path d=\"M%.1f %.1fV%.1f\" stroke=\"#222\" stroke-width=\"1.5\"/>%n", x, from, to);
    }

    private static String text(double x, double y, String anchor, String colour, String words) {
        return String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>%n",
                x,
                y,
                anchor,
                colour,
                escape(words));
    }

    private static String escape(String words) {
        return words.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static String colour(int peer) {
        return COLOURS.get(peer % COLOURS.size());
    }
}

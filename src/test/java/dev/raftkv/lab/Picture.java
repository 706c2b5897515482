package dev.raftkv.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Curves over time as SVG: a chart for each figure, a line in it for each node. Thread-safe. */
final class Picture {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 130;
    private static final int LEFT = 90;
    private static final int TOP = 40;
    private static final int GAP = 40;
    private static final List<String> COLOURS = List.of("#0b6e99", "#c0392b", "#2e8b57", "#8e44ad", "#d68910");

    private final List<String> figures;
    private final Map<String, List<double[]>> nodes = new LinkedHashMap<>();

    /** @param figures the names of the charts */
    Picture(List<String> figures) {
        this.figures = List.copyOf(figures);
    }

    /** @param values one for each chart; NaN for none */
    synchronized void add(String node, double seconds, double... values) {
        double[] row = new double[values.length + 1];
        row[0] = seconds;
        System.arraycopy(values, 0, row, 1, values.length);
        nodes.computeIfAbsent(node, name -> new ArrayList<>()).add(row);
    }

    synchronized String svg() {
        int height = TOP + figures.size() * (HEIGHT + GAP);
        StringBuilder svg = new StringBuilder(String.format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
                LEFT + WIDTH + 20, height));
        int x = LEFT;
        int colour = 0;
        for (String node : nodes.keySet()) {
            svg.append(String.format("<text x=\"%d\" y=\"18\" fill=\"%s\">%s</text>%n", x, colour(colour++), node));
            x += 80;
        }
        for (int figure = 0; figure < figures.size(); figure++) {
            chart(svg, figure, TOP + figure * (HEIGHT + GAP));
        }
        return svg.append("</svg>\n").toString();
    }

    private void chart(StringBuilder svg, int figure, int top) {
        double end = 1;
        double highest = 1;
        for (List<double[]> rows : nodes.values()) {
            for (double[] row : rows) {
                end = Math.max(end, row[0]);
                highest = Double.isNaN(row[figure + 1]) ? highest : Math.max(highest, row[figure + 1]);
            }
        }
        int bottom = top + HEIGHT;
        svg.append(String.format(
                "<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"#888\"/>%n", LEFT, top, bottom, LEFT + WIDTH));
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"4\" y=\"%d\">%s</text><text x=\"4\" y=\"%d\">%.0f</text><text x=\"4\" y=\"%d\">0</text>"
                        + "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.0f s</text>%n",
                top + HEIGHT / 2,
                figures.get(figure),
                top + 10,
                highest,
                bottom,
                LEFT + WIDTH,
                bottom + 16,
                end));
        int colour = 0;
        for (List<double[]> rows : nodes.values()) {
            StringBuilder line = new StringBuilder();
            boolean pen = false;
            for (double[] row : rows) {
                double value = row[figure + 1];
                if (!Double.isNaN(value)) {
                    line.append(String.format(
                            Locale.ROOT,
                            "%s%.1f %.1f",
                            pen ? "L" : "M",
                            LEFT + row[0] / end * WIDTH,
                            bottom - value / highest * HEIGHT));
                }
                pen = !Double.isNaN(value);
            }
            svg.append(String.format("<path d=\"%s\" fill=\"none\" stroke=\"%s\"/>%n", line, colour(colour++)));
        }
    }

    private static String colour(int number) {
        return COLOURS.get(number % COLOURS.size());
    }
}

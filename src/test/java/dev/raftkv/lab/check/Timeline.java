package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Operation;
import java.util.List;
import java.util.Locale;

/** Operations as bars over time, a row for each client. */
final class Timeline {
    private static final int WIDTH = 1200;
    private static final int LEFT = 80;
    private static final int ROW = 46;
    private static final int TOP = 50;

    private Timeline() {}

    /** @param zero the time that is shown as 0 */
    static String svg(String title, List<Operation> operations, long zero) {
        List<Integer> clients =
                operations.stream().map(Operation::client).distinct().sorted().toList();
        long first = operations.stream().mapToLong(Operation::start).min().orElse(zero);
        long last = operations.stream().mapToLong(Operation::end).max().orElse(zero + 1);
        int height = TOP + clients.size() * ROW + 40;
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
                        + " font-size=\"11\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n"
                        + "<text x=\"10\" y=\"22\" font-size=\"15\">%s</text>%n",
                WIDTH,
                height,
                escape(title)));
        for (int row = 0; row < clients.size(); row++) {
            int y = TOP + row * ROW;
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"10\" y=\"%d\">client %d</text><line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\""
                            + " stroke=\"#ddd\"/>%n",
                    y + 26,
                    clients.get(row),
                    LEFT,
                    WIDTH - 10,
                    y + ROW - 2,
                    y + ROW - 2));
        }
        for (Operation operation : operations) {
            int y = TOP + clients.indexOf(operation.client()) * ROW;
            double from = x(operation.start(), first, last);
            double to = operation.isUnknown() ? WIDTH - 10 : x(operation.end(), first, last);
            svg.append(String.format(
                    Locale.ROOT,
                    "<g><title>%s</title><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"14\" rx=\"2\" fill=\"%s\""
                            + " stroke=\"#333\"%s/><text x=\"%.1f\" y=\"%d\">%s</text></g>%n",
                    escape(Words.of(operation, zero)),
                    from,
                    y + 16,
                    Math.max(2, to - from),
                    colour(operation),
                    operation.isUnknown() ? " stroke-dasharray=\"4 3\"" : "",
                    from,
                    y + 12,
                    escape(shorten(Words.request(operation.request()) + " → " + Words.end(operation)))));
        }
        return svg.append(String.format(
                        Locale.ROOT,
                        "<text x=\"%d\" y=\"%d\">%s</text><text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n</svg>%n",
                        LEFT,
                        height - 15,
                        Words.millis(first - zero),
                        WIDTH - 10,
                        height - 15,
                        Words.millis(last - zero)))
                .toString();
    }

    private static double x(long time, long first, long last) {
        return LEFT + (WIDTH - LEFT - 10.0) * (time - first) / Math.max(1, last - first);
    }

    private static String colour(Operation operation) {
        if (operation.isUnknown()) {
            return "#f5e6b8";
        }
        return switch (operation.request().kind()) {
            case READ -> "#bcd9f5";
            case PUT -> "#bfe8c5";
            case DELETE -> "#f3c1bd";
            case TXN -> "#dcc8ef";
        };
    }

    private static String shorten(String text) {
        return text.length() > 90 ? text.substring(0, 89) + "…" : text;
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}

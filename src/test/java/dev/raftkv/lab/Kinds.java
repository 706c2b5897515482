package dev.raftkv.lab;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** How often each kind of fault was tried, and how long no write succeeded then. */
final class Kinds {
    private final Map<FaultKind, Row> rows = new EnumMap<>(FaultKind.class);

    private record Row(int count, Duration longestGap, Duration longestBack) {}

    /**
     * @param gap the longest time without a successful write, until the cluster was back
     * @param back from the end of the fault until all nodes were ready and a write succeeded
     */
    void add(FaultKind kind, Duration gap, Duration back) {
        rows.merge(
                kind,
                new Row(1, gap, back),
                (old, next) -> new Row(
                        old.count() + 1,
                        longer(old.longestGap(), next.longestGap()),
                        longer(old.longestBack(), next.longestBack())));
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(
                String.format("%-13s %5s  %18s  %18s%n", "fault", "times", "longest no write", "longest until back"));
        rows.forEach((kind, row) -> text.append(String.format(
                Locale.ROOT,
                "%-13s %5d  %16.2f s  %16.2f s  %s%n",
                kind,
                row.count(),
                row.longestGap().toMillis() / 1000.0,
                row.longestBack().toMillis() / 1000.0,
                kind.description())));
        return text.toString();
    }
}

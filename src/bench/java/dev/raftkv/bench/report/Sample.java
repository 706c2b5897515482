package dev.raftkv.bench.report;

import java.util.Map;

/**
 * What was measured at one time.
 *
 * @param round in which every peer had its turn, from 1
 * @param work in words
 * @param connections 0 if it has none
 * @param figures none if there were none, see the remark
 * @param remark why there are no figures, or the first error; else empty
 */
public record Sample(int round, String work, int connections, String peer, Map<Figure, Double> figures, String remark) {
    /** What its figures may be compared with. */
    public Row row() {
        return new Row(work, connections);
    }

    /** A line of a table. */
    public record Row(String work, int connections) {}
}

package dev.raftkv.bench.report;

import java.util.List;
import java.util.OptionalDouble;

/** What the samples of all rounds say together. Immutable. */
public final class Summary {
    private final List<Sample> samples;

    public Summary(List<Sample> samples) {
        this.samples = List.copyOf(samples);
    }

    /** The rows that have such a figure, in the order in which they came. */
    List<Sample.Row> rows(Figure figure) {
        return samples.stream()
                .filter(sample -> sample.figures().containsKey(figure))
                .map(Sample::row)
                .distinct()
                .toList();
    }

    /** The figure of each round that has it, in ascending order. */
    double[] sorted(Sample.Row row, String peer, Figure figure) {
        return samples.stream()
                .filter(sample -> sample.row().equals(row) && sample.peer().equals(peer))
                .filter(sample -> sample.figures().containsKey(figure))
                .mapToDouble(sample -> sample.figures().get(figure))
                .sorted()
                .toArray();
    }

    /** Of all rounds that have it; empty if none has. */
    OptionalDouble median(Sample.Row row, String peer, Figure figure) {
        return median(sorted(row, peer, figure));
    }

    /**
     * How many times the figure of the other one it is: the median of what each round says, because what disturbs a round
     * disturbs both. Empty if they have no round in common.
     */
    OptionalDouble ratio(Sample.Row row, String peer, String other, Figure figure) {
        return median(samples.stream()
                .filter(sample -> sample.row().equals(row) && sample.peer().equals(peer))
                .filter(sample -> sample.figures().containsKey(figure))
                .flatMapToDouble(sample -> samples.stream()
                        .filter(base ->
                                base.row().equals(row) && base.peer().equals(other) && base.round() == sample.round())
                        .filter(base -> base.figures().getOrDefault(figure, 0.0) > 0)
                        .mapToDouble(base ->
                                sample.figures().get(figure) / base.figures().get(figure)))
                .sorted()
                .toArray());
    }

    private static OptionalDouble median(double[] sorted) {
        int count = sorted.length;
        return count == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((sorted[(count - 1) / 2] + sorted[count / 2]) / 2);
    }

    /** What there is to say about samples without figures or with errors, each once. */
    public List<String> remarks() {
        return samples.stream()
                .filter(sample -> !sample.remark().isEmpty())
                .map(sample -> sample.peer() + ", " + sample.work()
                        + (sample.connections() > 0 ? ", " + sample.connections() + " connections" : "") + ", round "
                        + sample.round() + ": " + sample.remark())
                .distinct()
                .toList();
    }

    /** The highest that any sample has; empty if none has one. */
    public OptionalDouble highest(Figure figure) {
        return samples.stream()
                .filter(sample -> sample.figures().containsKey(figure))
                .mapToDouble(sample -> sample.figures().get(figure))
                .max();
    }
}

package dev.raftkv.bench;

import dev.raftkv.bench.load.ClosedLoop;
import dev.raftkv.bench.load.Slice;
import dev.raftkv.bench.peer.Cluster;
import dev.raftkv.bench.report.Figure;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Who has had the processors while a slice was counted. */
final class Meter implements ClosedLoop.Marks {
    /** In seconds, since they started. */
    private record Mark(double measured, double all, OptionalDouble busy) {}

    private final Cluster measured;
    private final List<Cluster> all;
    private Mark begun;
    private Mark ended;

    /** @param all that run, of which one is measured */
    Meter(Cluster measured, List<Cluster> all) {
        this.measured = measured;
        this.all = List.copyOf(all);
    }

    @Override
    public void begin() {
        begun = mark();
    }

    @Override
    public void end() {
        ended = mark();
    }

    private Mark mark() {
        return new Mark(
                measured.cpuSeconds(),
                all.stream().mapToDouble(Cluster::cpuSeconds).sum(),
                Machine.busySeconds());
    }

    /** What the slice says, with what was seen at its begin and its end. */
    Map<Figure, Double> figures(Slice slice) {
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        figures.put(Figure.RATE, slice.rate());
        figures.put(Figure.P50, slice.latencyMillis(50));
        figures.put(Figure.P99, slice.latencyMillis(99));
        figures.put(Figure.P999, slice.latencyMillis(99.9));
        figures.put(Figure.MAX, slice.latencyMillis(100));
        figures.put(Figure.ERRORS, (double) slice.bad());
        figures.put(Figure.CLIENT_CPU, slice.clientCpu() / slice.seconds());
        figures.put(Figure.CLIENT_WORK, slice.clientCpu() * 1000 / slice.good());
        figures.put(Figure.NODE_CPU, (ended.measured - begun.measured) * 1000 / slice.good());
        double wall = slice.seconds() * Machine.processors();
        double peers = ended.all - begun.all;
        figures.put(Figure.IDLE_CPU, (peers - (ended.measured - begun.measured)) / wall);
        if (begun.busy.isPresent() && ended.busy.isPresent()) {
            double busy = ended.busy.getAsDouble() - begun.busy.getAsDouble();
            figures.put(Figure.OTHERS_CPU, Math.max(0, busy - peers - slice.clientCpu()) / wall);
        }
        return figures;
    }
}

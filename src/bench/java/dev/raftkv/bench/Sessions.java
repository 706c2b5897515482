package dev.raftkv.bench;

import dev.raftkv.bench.load.ClosedLoop;
import dev.raftkv.bench.load.Slice;
import dev.raftkv.bench.peer.Cluster;
import dev.raftkv.bench.report.Figure;
import dev.raftkv.bench.report.Sample;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Many sessions, or leases, of one peer, which are renewed for a while: what that costs the nodes, and their disks. */
final class Sessions {
    static final int COUNT = 10_000;
    static final int PERIOD_SECONDS = 5;

    private static final double KIB = 1024;
    private static final double MINUTE = 60;

    private final Cluster cluster;
    private final Meter meter;
    private double writtenBefore;
    private double written;

    private Sessions(Cluster cluster, List<Cluster> all) {
        this.cluster = cluster;
        this.meter = new Meter(cluster, all);
    }

    /**
     * Begins them all, renews them until the nodes are warm, and then counts; at the end all must be there. They end by
     * themselves.
     */
    static Sample run(int round, int connections, Options options, Cluster cluster, List<Cluster> all)
            throws IOException {
        Sessions sessions = new Sessions(cluster, all);
        cluster.beginSessions(COUNT);
        long indexBefore = cluster.logIndex();
        long from = System.nanoTime();
        Slice slice = cluster.renewSessions(
                connections,
                Math.max(PERIOD_SECONDS, options.warmUp()),
                options.renewing(),
                (double) COUNT / PERIOD_SECONDS,
                sessions.marks());
        double minutes = (System.nanoTime() - from) / 1e9 / MINUTE;
        Map<Figure, Double> figures = sessions.figures(slice);
        figures.put(Figure.ENTRIES, (cluster.logIndex() - indexBefore) / minutes);
        int left = cluster.sessions();
        cluster.awaitNoSessions();
        String remark = (left == COUNT
                        ? ""
                        : left + " of " + COUNT + " sessions were there at the end, though all were renewed. ")
                + (slice.bad() == 0
                        ? ""
                        : slice.bad() + " errors, the first: "
                                + slice.complaint().replaceAll("\\s+", " "));
        return new Sample(
                round, Work.SESSIONS.words(), connections, cluster.product().name(), figures, remark.strip());
    }

    private ClosedLoop.Marks marks() {
        return new ClosedLoop.Marks() {
            @Override
            public void begin() {
                writtenBefore = cluster.writtenBytes();
                meter.begin();
            }

            @Override
            public void end() {
                meter.end();
                written = cluster.writtenBytes() - writtenBefore;
            }
        };
    }

    private Map<Figure, Double> figures(Slice slice) {
        Map<Figure, Double> figures = meter.figures(slice);
        double minutes = slice.seconds() / MINUTE;
        figures.put(Figure.CPU_A_MINUTE, figures.get(Figure.NODE_CPU) * slice.good() / 1000 / minutes);
        figures.put(Figure.WRITTEN, written / KIB / minutes);
        return figures;
    }
}

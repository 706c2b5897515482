package dev.raftkv.ops;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.kv.WatchHub;

/** Metrics about those who watch this node. */
public final class WatchMetrics implements Source {
    private final WatchHub hub;
    private final int limit;

    public WatchMetrics(WatchHub hub, NodeConfig config) {
        this.hub = hub;
        this.limit = config.limits().watches();
    }

    @Override
    public void write(Exposition out) {
        out.gauge("raftkv_watches", "Open watches.", hub.watches());
        out.gauge("raftkv_watches_limit", "Watches that may be open at once.", limit);
        out.counter(
                "raftkv_watches_cut_off_total",
                "Watches that were ended because their clients were too slow.",
                hub.cutOffs());
    }
}

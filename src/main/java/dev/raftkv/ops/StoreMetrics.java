package dev.raftkv.ops;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Position;
import dev.raftkv.raft.RaftFigures;
import dev.raftkv.store.HistoryFigures;
import dev.raftkv.store.StoreFigures;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** Metrics about what the node holds, in memory and on its disk. */
public final class StoreMetrics implements Source {
    private final RaftFigures figures;
    private final NodeConfig.Storage limits;

    public StoreMetrics(RaftFigures figures, NodeConfig config) {
        this.figures = figures;
        this.limits = config.storage();
    }

    @Override
    public void write(Exposition out) {
        Optional<Position> position = figures.position();
        gauge(out, "raftkv_store_keys", "Keys in the store.", position, Position::keys);
        gauge(out, "raftkv_store_revision", "Revision of the store.", position, Position::revision);
        history(out);
        Optional<StoreFigures> store = figures.storeFigures();
        gauge(out, "raftkv_store_cache_bytes", "Heap that the store's cache takes.", store, StoreFigures::cacheBytes);
        out.gauge("raftkv_store_cache_limit_bytes", "Heap that the store's cache may take.", limits.cacheBytes());
        gauge(out, "raftkv_store_disk_bytes", "Size of the store's files.", store, StoreFigures::diskBytes);
        counter(
                out,
                "raftkv_store_cache_misses_total",
                "Reads of the disk for what was not in the store's cache.",
                store,
                StoreFigures::cacheMisses);
        counter(out, "raftkv_store_syncs_total", "Syncs of the store's files.", store, StoreFigures::syncs);
        counter(
                out,
                "raftkv_store_cleaned_files_total",
                "Files of the store that were emptied and given free.",
                store,
                StoreFigures::cleanedFiles);
        disk(out);
    }

    private void history(Exposition out) {
        Optional<HistoryFigures> history = figures.history();
        gauge(
                out,
                "raftkv_history_oldest_revision",
                "First revision whose changes are kept for watchers.",
                history,
                HistoryFigures::oldestRevision);
        gauge(out, "raftkv_history_changes", "Changes that are kept for watchers.", history, HistoryFigures::changes);
        gauge(
                out,
                "raftkv_history_changes_limit",
                "Changes that may be kept, by the settings of the cluster.",
                history,
                kept -> kept.limits().changes());
        gauge(out, "raftkv_history_bytes", "Bytes of the changes that are kept.", history, HistoryFigures::bytes);
        gauge(
                out,
                "raftkv_history_bytes_limit",
                "Bytes of changes that may be kept, by the settings of the cluster.",
                history,
                kept -> kept.limits().bytes());
    }

    private void disk(Exposition out) {
        out.begin("raftkv_disk_free_bytes", Exposition.Type.GAUGE, "Free space on the disk of the data directory.");
        figures.freeDiskBytes().ifPresent(out::sample);
        out.gauge("raftkv_disk_free_limit_bytes", "Free space below which writes are refused.", limits.minFreeBytes());
    }

    private static <T> void gauge(
            Exposition out, String name, String help, Optional<T> source, ToLongFunction<T> value) {
        out.begin(name, Exposition.Type.GAUGE, help);
        source.ifPresent(present -> out.sample(value.applyAsLong(present)));
    }

    private static <T> void counter(
            Exposition out, String name, String help, Optional<T> source, ToLongFunction<T> value) {
        out.begin(name, Exposition.Type.COUNTER, help);
        source.ifPresent(present -> out.sample(value.applyAsLong(present)));
    }
}

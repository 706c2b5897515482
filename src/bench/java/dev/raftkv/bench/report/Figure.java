package dev.raftkv.bench.report;

/** A kind of figure that a sample may have. */
public enum Figure {
    RATE("operations_per_second"),
    P50("p50_ms"),
    P99("p99_ms"),
    P999("p999_ms"),
    MAX("max_ms"),
    /** Processor time of the three nodes for one operation. */
    NODE_CPU("node_cpu_ms_per_operation"),
    /** The client's share of one processor; near 1 it is the client that is measured. */
    CLIENT_CPU("client_cpu"),
    /** Processor time of the client for one operation. */
    CLIENT_WORK("client_cpu_ms_per_operation"),
    /** The share of the machine's processors that the peers had whose turn it was not. */
    IDLE_CPU("idle_peers_cpu"),
    /** The share of the machine's processors that neither client nor nodes had, and others took. */
    OTHERS_CPU("others_cpu"),
    /** Processor time of the three nodes, in seconds. */
    CPU_A_MINUTE("node_cpu_s_per_minute"),
    /** What the three nodes write to their disks in a minute, in KiB. */
    WRITTEN("written_kib_per_minute"),
    /** How many entries their log has more after a minute. */
    ENTRIES("log_entries_per_minute"),
    ERRORS("errors"),
    /** Resident memory of the largest node, in MiB. */
    MEMORY("memory_mib"),
    /** Milliseconds from a fault to the first write. */
    FIRST_WRITE("first_write_ms"),
    /** Milliseconds from a fault until each node answers. */
    ALL_SERVE("all_serve_ms");

    private final String key;

    Figure(String key) {
        this.key = key;
    }

    /** Its name in raw figures. */
    String key() {
        return key;
    }
}

package dev.raftkv.ops;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.lang.management.RuntimeMXBean;
import java.lang.management.ThreadMXBean;
import java.util.Map;
import java.util.TreeMap;

/** Metrics about the JVM, which other web applications may share, under the names that Prometheus' own client gives them. */
public final class JvmMetrics implements Source {
    private static final double MILLIS = 1e3;
    private static final double NANOS = 1e9;

    @Override
    public void write(Exposition out) {
        memory(out);
        collectors(out);
        threads(out);
        process(out);
    }

    private static void memory(Exposition out) {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        Map<String, MemoryUsage> areas = new TreeMap<>();
        areas.put("heap", memory.getHeapMemoryUsage());
        areas.put("nonheap", memory.getNonHeapMemoryUsage());
        out.begin("jvm_memory_used_bytes", Exposition.Type.GAUGE, "Memory in use.");
        areas.forEach((area, usage) -> out.sample(usage.getUsed(), "area", area));
        out.begin("jvm_memory_committed_bytes", Exposition.Type.GAUGE, "Memory taken from the system.");
        areas.forEach((area, usage) -> out.sample(usage.getCommitted(), "area", area));
        out.begin("jvm_memory_max_bytes", Exposition.Type.GAUGE, "Memory that may be taken, -1 for no limit.");
        areas.forEach((area, usage) -> out.sample(usage.getMax(), "area", area));
        out.begin("jvm_buffer_pool_used_bytes", Exposition.Type.GAUGE, "Memory in buffers outside the heap.");
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            out.sample(pool.getMemoryUsed(), "pool", pool.getName());
        }
    }

    private static void collectors(Exposition out) {
        out.begin("jvm_gc_collection_seconds", Exposition.Type.SUMMARY, "Time in garbage collections.");
        for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
            out.summary(gc.getCollectionTime() / MILLIS, gc.getCollectionCount(), "gc", gc.getName());
        }
    }

    private static void threads(Exposition out) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        out.gauge("jvm_threads_current", "Live threads.", threads.getThreadCount());
        out.gauge("jvm_threads_daemon", "Live daemon threads.", threads.getDaemonThreadCount());
        out.gauge("jvm_threads_peak", "Most threads alive at once.", threads.getPeakThreadCount());
    }

    private static void process(Exposition out) {
        RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
        out.gauge(
                "process_start_time_seconds",
                "Start of the process, in seconds since 1970.",
                runtime.getStartTime() / MILLIS);
        out.gauge("process_uptime_seconds", "Time since the process started.", runtime.getUptime() / MILLIS);
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            out.counter(
                    "process_cpu_seconds_total", "Processor time of the process.", system.getProcessCpuTime() / NANOS);
            out.gauge("process_open_fds", "Open file descriptors.", system.getOpenFileDescriptorCount());
            out.gauge("process_max_fds", "File descriptors that may be open.", system.getMaxFileDescriptorCount());
        }
    }
}

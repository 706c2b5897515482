package dev.raftkv.raft.ratis;

import dev.raftkv.meter.Histogram;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.ratis.metrics.LongCounter;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.metrics.Timekeeper;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.util.TimeDuration;

/**
 * Takes what Ratis measures of itself, and keeps the little that is of use. Ratis finds this class as a service, and does not
 * start without one. Its own implementation samples every timing on the way of a write, and tells quantiles, which cannot be
 * put together over nodes and time as the buckets of a histogram can.
 */
public final class RatisMeters extends MetricRegistries {
    /** How long the log takes to bring what was written to the disk. */
    private static final String SYNC_TIME = "syncTime";

    private static final Timekeeper.Context UNTIMED = () -> 0;

    private final Map<MetricRegistryInfo, Registry> registries = new ConcurrentHashMap<>();

    /** The times of syncs of a member's log; empty if it is not open. */
    public static Optional<Histogram> syncTimes(RaftGroupMemberId member) {
        return registry(member, "log_worker").map(registry -> registry.syncTimes);
    }

    /** How often a member has stood for election since it was opened. */
    public static long elections(RaftGroupMemberId member) {
        return registry(member, "leader_election")
                .map(registry -> registry.counter("electionCount").getCount())
                .orElse(0L);
    }

    private static Optional<Registry> registry(RaftGroupMemberId member, String component) {
        return global().getMetricRegistries().stream()
                .filter(Registry.class::isInstance)
                .map(Registry.class::cast)
                .filter(registry -> registry.info.getPrefix().equals(member.toString())
                        && registry.info.getMetricsComponentName().equals(component))
                .findFirst();
    }

    @Override
    public void clear() {
        registries.clear();
    }

    @Override
    public RatisMetricRegistry create(MetricRegistryInfo info) {
        return registries.computeIfAbsent(info, Registry::new);
    }

    @Override
    public boolean remove(MetricRegistryInfo info) {
        return registries.remove(info) != null;
    }

    @Override
    public Optional<RatisMetricRegistry> get(MetricRegistryInfo info) {
        return Optional.ofNullable(registries.get(info));
    }

    @Override
    public Set<MetricRegistryInfo> getMetricRegistryInfos() {
        return Set.copyOf(registries.keySet());
    }

    @Override
    public Collection<RatisMetricRegistry> getMetricRegistries() {
        return Set.copyOf(registries.values());
    }

    /** There is nothing here that a reporter could read. */
    @Override
    public void addReporterRegistration(Consumer<RatisMetricRegistry> reporter, Consumer<RatisMetricRegistry> stop) {}

    @Override
    public void enableJmxReporter() {}

    @Override
    public void enableConsoleReporter(TimeDuration rate) {}

    private static final class Registry implements RatisMetricRegistry {
        private final MetricRegistryInfo info;
        private final Map<String, LongCounter> counters = new ConcurrentHashMap<>();
        private final Histogram syncTimes =
                Histogram.ofSeconds(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5);

        Registry(MetricRegistryInfo info) {
            this.info = info;
        }

        @Override
        public Timekeeper timer(String name) {
            return name.equals(SYNC_TIME) ? () -> stopwatch(syncTimes) : () -> UNTIMED;
        }

        private static Timekeeper.Context stopwatch(Histogram histogram) {
            long start = System.nanoTime();
            return () -> {
                long nanos = System.nanoTime() - start;
                histogram.record(nanos);
                return nanos;
            };
        }

        @Override
        public LongCounter counter(String name) {
            return counters.computeIfAbsent(name, any -> new Counter());
        }

        @Override
        public boolean remove(String name) {
            return counters.remove(name) != null;
        }

        /** A gauge holds on to the part of Ratis that it reads; none is of use here. */
        @Override
        public <T> void gauge(String name, Supplier<Supplier<T>> value) {}

        @Override
        public MetricRegistryInfo getMetricRegistryInfo() {
            return info;
        }
    }

    private static final class Counter implements LongCounter {
        private final LongAdder count = new LongAdder();

        @Override
        public void inc(long by) {
            count.add(by);
        }

        @Override
        public void dec(long by) {
            count.add(-by);
        }

        @Override
        public long getCount() {
            return count.sum();
        }
    }
}

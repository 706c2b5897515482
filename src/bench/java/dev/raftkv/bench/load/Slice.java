package dev.raftkv.bench.load;

import org.HdrHistogram.Histogram;

/**
 * What one stretch of load has shown.
 *
 * @param good how many operations were done
 * @param bad how many were answered otherwise
 * @param complaint the first of these answers; empty if there is none
 * @param seconds how long it was
 * @param latencies of the good ones, in nanoseconds
 * @param clientCpu seconds of processor time that the client took
 */
public record Slice(long good, long bad, String complaint, double seconds, Histogram latencies, double clientCpu) {
    /** Good operations a second. */
    public double rate() {
        return good / seconds;
    }

    /** @param percentile from 0 to 100 */
    public double latencyMillis(double percentile) {
        return latencies.getValueAtPercentile(percentile) / 1e6;
    }
}

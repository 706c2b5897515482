package dev.raftkv.meter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HistogramTest {
    @Test
    void aValueCountsInEveryBucketThatItFitsInto() {
        Histogram histogram = Histogram.ofNumbers(1, 2, 4);
        for (long value : new long[] {0, 1, 2, 3, 4, 5}) {
            histogram.record(value);
        }

        assertArrayEquals(new double[] {1, 2, 4}, histogram.snapshot().bounds());
        assertArrayEquals(new long[] {2, 3, 5, 6}, histogram.snapshot().upTo());
        assertEquals(6, histogram.snapshot().count());
        assertEquals(15, histogram.snapshot().sum());
    }

    @Test
    void durationsAreTakenInNanosecondsAndShownInSeconds() {
        Histogram histogram = Histogram.ofSeconds(0.0005, 1);
        histogram.record(500_000);
        histogram.record(500_001);
        histogram.record(2_000_000_000);

        assertArrayEquals(new double[] {0.0005, 1}, histogram.snapshot().bounds());
        assertArrayEquals(new long[] {1, 2, 3}, histogram.snapshot().upTo());
        assertEquals(2.001000001, histogram.snapshot().sum());
    }

    @Test
    void manyThreadsLoseNothing() throws InterruptedException {
        Histogram histogram = Histogram.ofNumbers(10);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        for (int thread = 0; thread < 4; thread++) {
            threads.execute(() -> {
                for (int i = 1; i <= 10_000; i++) {
                    histogram.record(i % 20);
                }
            });
        }
        threads.shutdown();
        threads.awaitTermination(30, TimeUnit.SECONDS);

        assertArrayEquals(new long[] {22_000, 40_000}, histogram.snapshot().upTo());
        assertEquals(380_000, histogram.snapshot().sum());
    }
}

package dev.raftkv.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.meter.Histogram;
import org.junit.jupiter.api.Test;

class ExpositionTest {
    private final Exposition out = new Exposition();

    @Test
    void counterAndGaugeAreOneSampleEach() {
        out.counter("a_total", "All of a.", 3);
        out.gauge("b_seconds", "Time of b.", 0.25);

        assertEquals("""
                # HELP a_total All of a.
                # TYPE a_total counter
                a_total 3
                # HELP b_seconds Time of b.
                # TYPE b_seconds gauge
                b_seconds 0.25
                """, out.text());
    }

    @Test
    void labelsAreWrittenInTheirOrderAndEscaped() {
        out.begin("a", Exposition.Type.GAUGE, "A back\\slash.");
        out.sample(1, "z", "1", "b", "say \"hi\"\\\n");

        assertEquals("""
                # HELP a A back\\\\slash.
                # TYPE a gauge
                a{z="1",b="say \\"hi\\"\\\\\\n"} 1
                """, out.text());
    }

    @Test
    void histogramHasItsBucketsSumAndCount() {
        Histogram times = Histogram.ofSeconds(0.0005, 1);
        times.record(400_000);
        times.record(3_000_000_000L);
        out.begin("a_seconds", Exposition.Type.HISTOGRAM, "Times of a.");
        out.histogram(times.snapshot(), "route", "/a");
        out.histogram(Histogram.ofNumbers(8).snapshot());

        assertEquals("""
                # HELP a_seconds Times of a.
                # TYPE a_seconds histogram
                a_seconds_bucket{route="/a",le="0.0005"} 1
                a_seconds_bucket{route="/a",le="1"} 1
                a_seconds_bucket{route="/a",le="+Inf"} 2
                a_seconds_sum{route="/a"} 3.0004
                a_seconds_count{route="/a"} 2
                a_seconds_bucket{le="8"} 0
                a_seconds_bucket{le="+Inf"} 0
                a_seconds_sum 0
                a_seconds_count 0
                """, out.text());
    }

    @Test
    void summaryHasSumAndCount() {
        out.begin("gc_seconds", Exposition.Type.SUMMARY, "Time.");
        out.summary(1.5, 7, "gc", "G1 Young");

        assertEquals("""
                # HELP gc_seconds Time.
                # TYPE gc_seconds summary
                gc_seconds_sum{gc="G1 Young"} 1.5
                gc_seconds_count{gc="G1 Young"} 7
                """, out.text());
    }

    @Test
    void numbersAreWholeWhereTheyCanBe() {
        out.begin("n", Exposition.Type.GAUGE, "Numbers.");
        for (double number : new double[] {
            -1, 1e12, 123456789.5, 1e-7, 1e300, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
        }) {
            out.sample(number);
        }

        assertEquals("""
                # HELP n Numbers.
                # TYPE n gauge
                n -1
                n 1000000000000
                n 123456789.5
                n 0.0000001
                n %s
                n NaN
                n +Inf
                n -Inf
                """.formatted("1" + "0".repeat(300)), out.text());
    }
}

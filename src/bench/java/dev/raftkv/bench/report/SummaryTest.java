package dev.raftkv.bench.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class SummaryTest {
    private static final Sample.Row ROW = new Sample.Row("write", 64);

    private final List<Sample> samples = new ArrayList<>();

    private void add(int round, String peer, double rate) {
        samples.add(new Sample(round, "write", 64, peer, Map.of(Figure.RATE, rate), ""));
    }

    private void addVoid(int round, String peer) {
        samples.add(new Sample(round, "write", 64, peer, Map.of(), "a connection broke"));
    }

    @Test
    void theMedianIsTheMiddleOfAnOddNumberAndBetweenTwoOfAnEvenOne() {
        add(1, "a", 30);
        assertEquals(OptionalDouble.of(30), median("a"));
        add(2, "a", 10);
        assertEquals(OptionalDouble.of(20), median("a"));
        add(3, "a", 1000);
        assertEquals(OptionalDouble.of(30), median("a"));
        assertArrayEquals(new double[] {10, 30, 1000}, new Summary(samples).sorted(ROW, "a", Figure.RATE));
        assertTrue(median("b").isEmpty());
    }

    private OptionalDouble median(String peer) {
        return new Summary(samples).median(ROW, peer, Figure.RATE);
    }

    /** The ratio of the medians would be a half. */
    @Test
    void theRatioIsThatWithinTheRounds() {
        add(1, "a", 100);
        add(1, "b", 200);
        add(2, "a", 1000);
        add(2, "b", 2000);
        add(3, "a", 400);
        add(3, "b", 100);
        assertEquals(OptionalDouble.of(2), new Summary(samples).ratio(ROW, "b", "a", Figure.RATE));
    }

    @Test
    void aRoundThatOneOfThemLacksIsInNoRatioAndIsTold() {
        add(1, "a", 100);
        addVoid(1, "b");
        add(2, "a", 100);
        add(2, "b", 300);
        Summary summary = new Summary(samples);
        assertEquals(OptionalDouble.of(3), summary.ratio(ROW, "b", "a", Figure.RATE));
        assertEquals(List.of("b, write, 64 connections, round 1: a connection broke"), summary.remarks());
        assertTrue(summary.ratio(ROW, "c", "a", Figure.RATE).isEmpty());
    }

    @Test
    void tablesHaveAColumnForEachPeerAndSayWhereThereIsNoFigure() {
        add(1, "a", 1234.5);
        add(1, "b", 98.76);
        addVoid(1, "c");
        assertEquals("""
                | operations a second | clients | a | b | c |
                |---|--:|--:|--:|--:|
                | write | 64 | 1,235 | 98.8 (0.08) | - |
                """, new Tables(new Summary(samples), List.of("a", "b", "c")).text());
    }

    @Test
    void tablesOfFaultsHaveTheWorstRoundToo() {
        for (int round = 1; round <= 3; round++) {
            samples.add(new Sample(round, "kill", 0, "a", Map.of(Figure.FIRST_WRITE, 100.0 * round), ""));
        }
        assertEquals("""
                | to the first write, in ms: median, worst | a |
                |---|--:|
                | kill | 200, 300 |
                """, new Tables(new Summary(samples), List.of("a")).text());
    }

    @Test
    void theOverviewHasLoadFaultsAndMemoryInOneTable() {
        Map<Figure, Double> load = Map.of(Figure.RATE, 500.0, Figure.P50, 2.0, Figure.P99, 30.0, Figure.NODE_CPU, 0.5);
        samples.add(new Sample(1, "write", 64, "a", load, ""));
        samples.add(new Sample(1, "kill", 0, "a", Map.of(Figure.FIRST_WRITE, 700.0), ""));
        samples.add(new Sample(1, "kill", 0, "b", Map.of(Figure.FIRST_WRITE, 1400.0), ""));
        samples.add(new Sample(1, "with keys", 0, "b", Map.of(Figure.MEMORY, 120.0), ""));
        assertEquals("""
                |  | clients | a | b |
                |---|--:|--:|--:|
                | write | 64 | 500; 2.00, 30.0; 0.500 | - |
                | kill: ms to the first write |  | 700 | 1,400 (2.00) |
                | with keys: MiB of memory of the largest node |  | - | 120 |
                """, new Tables(new Summary(samples), List.of("a", "b")).overview());
    }

    @Test
    void rawFiguresAreOneLineOfJsonEach() throws Exception {
        Sample sample = new Sample(2, "write", 64, "a\nb", Map.of(Figure.RATE, 12.5), "\"odd\"");
        assertEquals(
                "{\"time\":\"1970-01-01T00:00:00Z\",\"round\":2,\"work\":\"write\",\"connections\":64,"
                        + "\"peer\":\"a\\nb\",\"operations_per_second\":12.5,\"remark\":\"\\\"odd\\\"\"}",
                RawFigures.line(sample, Instant.EPOCH));
    }
}

package dev.raftkv.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

final class LogFormatTest {
    private static final String ODD = "a \"b\" \\ \t\u0000\u001b \r\n\u2028 é \ud83d\ude00 \ud800";

    @Test
    void jsonHoldsAllOfAnEventInOneLineOfAscii() throws IOException {
        LogRecord record = event(Level.WARNING, ODD);
        record.setThrown(new IllegalStateException(ODD, new IOException("cause")));
        String line = LogFormat.JSON.formatter().format(record);
        assertTrue(line.chars().allMatch(c -> c == '\n' || (c >= ' ' && c < 127)), line);
        assertEquals(line.length() - 1, line.indexOf('\n'));

        JsonNode json = new JsonMapper().readTree(line);
        assertEquals(
                List.of("time", "level", "logger", "thread", "message", "exception"),
                json.properties().stream().map(Map.Entry::getKey).toList());
        assertEquals("2026-11-24T12:00:00.000Z", json.path("time").asText());
        assertEquals("WARN", json.path("level").asText());
        assertEquals("dev.raftkv.raft.RaftNode", json.path("logger").asText());
        assertEquals(Thread.currentThread().getName(), json.path("thread").asText());
        assertEquals(ODD, json.path("message").asText());
        assertTrue(json.path("exception").asText().contains("Caused by: java.io.IOException: cause"));
    }

    @Test
    void jsonOfAnEventWithoutAnExceptionSaysNothingOfOne() throws IOException {
        String line = LogFormat.JSON.formatter().format(event(Level.INFO, "up"));
        assertFalse(new JsonMapper().readTree(line).has("exception"));
    }

    @Test
    void textIsOneLineEvenOfAMessageOfSeveral() {
        assertEquals(
                "2026-11-24T12:00:00.000Z INFO  RaftNode ["
                        + Thread.currentThread().getName() + "] starting with | A=1 | B=2" + System.lineSeparator(),
                LogFormat.TEXT.formatter().format(event(Level.INFO, "starting with\n  A=1\n  B=2\n")));
    }

    @Test
    void textHasTheStackBelow() {
        LogRecord record = event(Level.SEVERE, "failed");
        record.setThrown(new IOException("no disk"));
        List<String> lines = LogFormat.TEXT.formatter().format(record).lines().toList();
        assertTrue(lines.get(0).endsWith("] failed"), lines::toString);
        assertEquals("java.io.IOException: no disk", lines.get(1));
        assertTrue(lines.get(2).startsWith("\tat " + LogFormatTest.class.getName()), lines::toString);
    }

    @Test
    void levelsAreCalledAsTheCodeThatLogsCallsThem() {
        assertEquals(
                List.of("ERROR", "WARN", "INFO", "INFO", "DEBUG", "TRACE", "TRACE"),
                List.of(Level.SEVERE, Level.WARNING, Level.INFO, Level.CONFIG, Level.FINE, Level.FINER, Level.FINEST)
                        .stream()
                        .map(level -> LogEvent.of(event(level, ""), "").level())
                        .toList());
    }

    @Test
    void anEventOfAnotherThreadIsNotGivenTheNameOfThisOne() {
        LogRecord record = event(Level.INFO, "");
        record.setLongThreadID(Long.MAX_VALUE);
        assertEquals("thread-" + Long.MAX_VALUE, LogEvent.of(record, "").thread());
    }

    private static LogRecord event(Level level, String message) {
        LogRecord record = new LogRecord(level, message);
        record.setInstant(Instant.parse("2026-11-24T12:00:00Z"));
        record.setLoggerName("dev.raftkv.raft.RaftNode");
        return record;
    }
}

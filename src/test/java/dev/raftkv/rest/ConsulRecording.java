package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.consul.compare.IndexOrder;
import dev.raftkv.rest.RawHttp.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What libraries were recorded to ask of a small model of Consul, in their order. The answers are the same but for ids of sessions, and
 * for indexes, which have the same order.
 */
public final class ConsulRecording {
    private static final Pattern INDEX = Pattern.compile("\"(CreateIndex|ModifyIndex)\":(\\d+)|modify index (\\d+)");
    private static final Pattern ASKED = Pattern.compile("(?<=[?&](cas|index)=)\\d+");

    /** What a node tells of its own knowledge. */
    private static final Pattern OWN = Pattern.compile("/v1/(catalog|health)/");

    private static final Pattern SESSION = Pattern.compile("<session-\\d+>");

    /** Where members are, and how many, is not compared. */
    private static final Pattern ADDRESSES = Pattern.compile("(\"(127\\.0\\.0\\.1|\\[::1]):\\d+\",?)+(?=]|$)");

    private static final Pattern MEMBERS =
            Pattern.compile("\"Name\":\"node\\d\",\"Addr\":\"[^\"]+\",\"Port\":\\d+,([^{}]*\\{}[^{}]*})"
                    + "(,\\{\"Name\":\"node\\d\",\"Addr\":\"[^\"]+\",\"Port\":\\d+,\\1)*");

    /** Before what it waits for is done, a request has waited for so long; it is longer than those take that do not wait. */
    private static final Duration BEFORE = Duration.ofMillis(400);

    /** Those of this store by those that were recorded. */
    private final IndexOrder indexes = new IndexOrder();

    private final IndexOrder sessionIndexes = new IndexOrder();
    private final Map<String, String> sessions = new HashMap<>();

    private final List<String> lines;

    private ConsulRecording(List<String> lines) {
        this.lines = lines;
    }

    /** That of a client. */
    public static ConsulRecording of(String client) throws IOException {
        try (InputStream file = ConsulRecording.class.getResourceAsStream("consul/" + client + ".tsv")) {
            return new ConsulRecording(new String(file.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList());
        }
    }

    /** The same where the node that is asked has another name than node1. */
    public ConsulRecording askedOf(String nodeId) {
        return new ConsulRecording(lines.stream()
                .map(line -> line.replace("\"node1\"", '"' + nodeId + '"').replace("node/node1", "node/" + nodeId))
                .toList());
    }

    /** Asks a node without keys and sessions, and compares what it answers. */
    public void replay(RawHttp http) {
        List<Line> asked =
                lines.stream().map(line -> line.split("\t", -1)).map(Line::new).toList();
        for (int i = 0; i < asked.size(); i++) {
            Line line = asked.get(i);
            if (line.is("woken")) {
                i++;
                during(http, line, asked.get(i));
            } else {
                Timed timed = ask(http, line);
                compare(line, timed.answer());
                assertTrue(!line.is("late") || timed.took().compareTo(line.patience()) >= 0, () -> line + "\n" + timed);
            }
        }
    }

    private record Line(String... fields) {
        String target() {
            return fields[1];
        }

        /** How the wait ends. */
        boolean is(String end) {
            return fields.length > 6 && fields[6].equals(end);
        }

        Duration patience() {
            return Duration.ofMillis(Long.parseLong(target().replaceAll(".*wait=(\\d+)ms.*", "$1")));
        }

        @Override
        public String toString() {
            return String.join("\t", fields);
        }
    }

    private record Timed(Answer answer, Duration took) {}

    private Timed ask(RawHttp http, Line line) {
        String target = ASKED.matcher(named(line.target())).replaceAll(this::here);
        String text = line.fields()[2];
        byte[] body = text.startsWith("base64:")
                ? Base64.getDecoder().decode(text.substring(7))
                : named(text).getBytes(UTF_8);
        if (target.contains("stale")) {
            // What was written is certain to be at a follower behind a read that is not stale.
            http.get("/v1/kv/nothing");
        }
        long begun = System.nanoTime();
        Answer answer = http.send(line.fields()[0], target, "Content-Length: " + body.length + "\r\n", body);
        return new Timed(answer, Duration.ofNanos(System.nanoTime() - begun));
    }

    /** The first waits until the second is done. */
    private void during(RawHttp http, Line waiting, Line write) {
        CompletableFuture<Timed> waited = CompletableFuture.supplyAsync(() -> ask(http, waiting));
        CompletableFuture<Timed> written = CompletableFuture.supplyAsync(
                () -> ask(http, write), CompletableFuture.delayedExecutor(BEFORE.toMillis(), TimeUnit.MILLISECONDS));
        compare(write, written.join().answer());
        compare(waiting, waited.join().answer());
        Duration took = waited.join().took();
        assertTrue(took.compareTo(BEFORE.dividedBy(2)) > 0, () -> took + ": " + waiting);
        assertTrue(took.compareTo(BEFORE.plusSeconds(5)) < 0, () -> took + ": " + waiting);
    }

    private void compare(Line line, Answer answer) {
        String[] fields = line.fields();
        assertEquals(fields[3], Integer.toString(answer.status()), () -> line + "\n" + answer);
        learn(fields[5], answer.body());
        IndexOrder counted = line.target().startsWith("/v1/session/") ? sessionIndexes : indexes;
        assertEquals(blurred(named(fields[5])), blurred(answer.body()), () -> line + "\n" + answer);
        compare(counted, numbers(fields[5]), numbers(answer.body()), line);
        if (!fields[4].isEmpty()) {
            String index = answer.header("x-consul-index");
            assertTrue(index != null, () -> line + "\n" + answer);
            if (line.target().matches("/v1/(kv|session)/.*")) {
                compare(counted, List.of(Long.valueOf(fields[4])), List.of(Long.valueOf(index)), line);
            } else {
                assertEquals(fields[4], index, line::toString);
            }
            assertEquals("true", answer.header("x-consul-knownleader"));
            if (!line.target().contains("stale") && !OWN.matcher(line.target()).find()) {
                assertEquals("0", answer.header("x-consul-lastcontact"));
            }
        }
        if (fields[3].equals("404") && line.target().contains("/kv/")) {
            assertEquals("0", answer.header("content-length"));
        }
    }

    private static String blurred(String answer) {
        String text = INDEX.matcher(answer).replaceAll("#");
        return MEMBERS.matcher(ADDRESSES.matcher(text).replaceAll("<addresses>"))
                .replaceAll("$1");
    }

    private String named(String text) {
        return SESSION.matcher(text).replaceAll(found -> sessions.getOrDefault(found.group(), found.group()));
    }

    private void learn(String recorded, String answer) {
        Matcher name = SESSION.matcher(recorded);
        if (recorded.startsWith("{\"ID\":") && name.find()) {
            sessions.put(name.group(), answer.substring(7, 43));
        }
    }

    private String here(MatchResult asked) {
        long index = Long.parseLong(asked.group());
        return Long.toString(indexes.other(index));
    }

    private static List<Long> numbers(String text) {
        List<Long> numbers = new ArrayList<>();
        Matcher found = INDEX.matcher(text);
        while (found.find()) {
            numbers.add(Long.valueOf(found.group(2) == null ? found.group(3) : found.group(2)));
        }
        return numbers;
    }

    private static void compare(IndexOrder known, List<Long> recorded, List<Long> here, Line line) {
        assertEquals(recorded.size(), here.size(), line::toString);
        for (int i = 0; i < recorded.size(); i++) {
            assertEquals("", known.learn(recorded.get(i), here.get(i)), line::toString);
        }
    }
}

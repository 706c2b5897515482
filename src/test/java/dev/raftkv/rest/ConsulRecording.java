package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.rest.RawHttp.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
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

    /** Those of this store by those that were recorded. */
    private final SortedMap<Long, Long> indexes = new TreeMap<>(Map.of(0L, 0L, 1L, 1L));

    private final SortedMap<Long, Long> sessionIndexes = new TreeMap<>();
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

    /** Asks a node of a new cluster, and compares what it answers. */
    public void replay(RawHttp http) {
        lines.forEach(line -> replay(http, line.split("\t", -1), line));
    }

    private void replay(RawHttp http, String[] fields, String line) {
        String target = ASKED.matcher(named(fields[1])).replaceAll(this::here);
        byte[] body = fields[2].startsWith("base64:")
                ? Base64.getDecoder().decode(fields[2].substring(7))
                : named(fields[2]).getBytes(UTF_8);
        if (target.contains("stale")) {
            // What was written is certain to be at a follower behind a read that is not stale.
            http.get("/v1/kv/nothing");
        }
        Answer answer = http.send(fields[0], target, "Content-Length: " + body.length + "\r\n", body);
        assertEquals(fields[3], Integer.toString(answer.status()), () -> line + "\n" + answer);
        learn(fields[5], answer.body());
        SortedMap<Long, Long> counted = target.contains("/session/") ? sessionIndexes : indexes;
        assertEquals(
                INDEX.matcher(named(fields[5])).replaceAll("#"),
                INDEX.matcher(answer.body()).replaceAll("#"),
                () -> line + "\n" + answer);
        compare(counted, numbers(fields[5]), numbers(answer.body()), line);
        if (!fields[4].isEmpty()) {
            String index = answer.header("x-consul-index");
            assertTrue(index != null, () -> line + "\n" + answer);
            compare(counted, List.of(Long.valueOf(fields[4])), List.of(Long.valueOf(index)), line);
            assertEquals("true", answer.header("x-consul-knownleader"));
            if (!target.contains("stale") && !OWN.matcher(target).find()) {
                assertEquals("0", answer.header("x-consul-lastcontact"));
            }
        }
        if (fields[3].equals("404") && target.contains("/kv/")) {
            assertEquals("0", answer.header("content-length"));
        }
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
        return Long.toString(indexes.getOrDefault(index, index));
    }

    private static List<Long> numbers(String text) {
        List<Long> numbers = new ArrayList<>();
        Matcher found = INDEX.matcher(text);
        while (found.find()) {
            numbers.add(Long.valueOf(found.group(2) == null ? found.group(3) : found.group(2)));
        }
        return numbers;
    }

    private static void compare(SortedMap<Long, Long> known, List<Long> recorded, List<Long> here, String line) {
        assertEquals(recorded.size(), here.size(), line);
        for (int i = 0; i < recorded.size(); i++) {
            known.putIfAbsent(recorded.get(i), here.get(i));
            assertEquals(known.get(recorded.get(i)), here.get(i), line);
        }
        long last = -1;
        for (long index : known.values()) {
            assertTrue(index > last, () -> "indexes " + known + " are in another order: " + line);
            last = index;
        }
    }
}

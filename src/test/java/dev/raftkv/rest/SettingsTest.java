package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Command;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code /raft/settings}. */
class SettingsTest {
    private static final String USUAL =
            "{\"message\":\"Here are the settings\",\"data\":{\"history\":{\"changes\":10000,\"bytes\":16777216,\"prev\":false}}}\n";

    @TempDir
    Path directory;

    private RestServer server;
    private RawHttp http;

    @BeforeEach
    void start() {
        server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, Way.SHORTCUT);
        http = server.http();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer put(String body) {
        byte[] json = body.getBytes(StandardCharsets.UTF_8);
        return http.send(
                "PUT",
                "/raft/settings",
                "Content-Type: application/json\r\nContent-Length: " + json.length + "\r\n",
                json);
    }

    @Test
    void theHistoryIsAsLongAsTheClusterHasAgreedOn() {
        assertEquals(USUAL, http.get("/raft/settings").body());
        Answer changed = put("{\"history\":{\"bytes\":1048576,\"changes\":1000}}");
        assertEquals(200, changed.status());
        String now = "\"data\":{\"history\":{\"changes\":1000,\"bytes\":1048576,\"prev\":false}}}\n";
        assertEquals("{\"message\":\"the settings count now\"," + now, changed.body());
        assertEquals(
                "{\"message\":\"Here are the settings\"," + now,
                http.get("/raft/settings?consistency=linearizable").body());
        assertEquals("0", changed.header("store-revision"));

        Command put = new Command.Put(Key.of("k"), new JsonText(new byte[] {'1'}), 0);
        for (int i = 0; i < 15; i++) {
            server.replicator.replicate(Collections.nCopies(100, put));
        }
        assertEquals(501, server.replicator.store().oldestRevision());
        assertEquals(410, http.get("/watch?from_revision=500&wait=0").status());
        assertEquals(200, http.get("/watch?from_revision=501&wait=0").status());
    }

    @Test
    void whatKeysWereBeforeIsKeptUntilItIsNotAskedFor() {
        String now = "{\"history\":{\"changes\":1000,\"bytes\":1048576,\"prev\":true}}";
        assertEquals("{\"message\":\"the settings count now\",\"data\":" + now + "}\n", put(now).body());
        assertEquals(
                "{\"message\":\"Here are the settings\",\"data\":" + now + "}\n",
                http.get("/raft/settings").body());
        assertEquals(
                200, put("{\"history\":{\"changes\":10000,\"bytes\":16777216}}").status());
        assertEquals(USUAL, http.get("/raft/settings").body());
    }

    @ParameterizedTest
    @CsvSource({
        "'{}', 'history is missing: give {\"changes\": 10000, \"bytes\": 16777216}'",
        "'{\"history\":{}}', changes is missing: give how many changes are kept for watchers",
        "'{\"history\":{\"changes\":1000}}', bytes is missing: give how many bytes of changes are kept for watchers",
        "'{\"history\":{\"changes\":999,\"bytes\":1048576}}', changes is not acceptable: give a whole number from 1000 to 100000",
        "'{\"history\":{\"changes\":100001,\"bytes\":1048576}}', changes is not acceptable: give a whole number from 1000 to 100000",
        "'{\"history\":{\"changes\":1e4,\"bytes\":1048576}}', changes is not acceptable: give a whole number from 1000 to 100000",
        "'{\"history\":{\"prev\":true}}', changes is missing: give how many changes are kept for watchers",
        "'{\"history\":{\"changes\":1000,\"bytes\":1048576,\"prev\":1}}', prev is neither true nor false",
        "'{\"history\":{\"changes\":1000,\"bytes\":1048575}}', bytes is not acceptable: give a whole number from 1048576 to 268435456",
        "'{\"history\":{\"changes\":1000,\"bytes\":268435457}}', bytes is not acceptable: give a whole number from 1048576 to 268435456"
    })
    void badSettingsAreRefused(String body, String sentence) {
        assertInvalid(sentence.replace("\"", "\\\""), put(body));
        assertEquals(USUAL, http.get("/raft/settings").body());
    }

    @Test
    void settingsThatThereAreNotAreRefused() {
        for (String body : new String[] {"{\"tail\":1}", "{\"history\":{\"days\":1}}", "{\"history\":5}", "[]"}) {
            assertEquals(422, put(body).status(), body);
        }
        assertEquals(400, put("{").status());
        assertEquals(USUAL, http.get("/raft/settings").body());
    }
}

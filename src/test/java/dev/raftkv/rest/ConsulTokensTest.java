package dev.raftkv.rest;

import static dev.raftkv.rest.Tokened.basic;
import static dev.raftkv.rest.Tokened.bearer;
import static dev.raftkv.rest.Tokened.token;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Command;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import dev.raftkv.rest.access.Login;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who clients of Consul are, and what they may. */
class ConsulTokensTest {
    private static final String DENIED = "Permission denied";
    private static final String UNKNOWN = "ACL not found";

    @TempDir
    Path directory;

    private RestServer server;

    @BeforeEach
    void start() {
        server = new RestServer(directory.resolve("store"), "/kv", FollowerWrites.REDIRECT, Way.CONSUL);
        server.login = Tokened.login(directory);
        server.replicator.replicate(new Command.OfConsul.Open());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer ask(String method, String target, String headers) {
        byte[] body = (target.startsWith("txn") ? "[]" : method.equals("PUT") ? "{}" : "").getBytes(UTF_8);
        return server.http().send(method, "/v1/" + target, headers + "Content-Length: " + body.length + "\r\n", body);
    }

    private static String consul(String token) {
        return "X-Consul-Token: " + token + "\r\n";
    }

    private static void assertRefused(String text, Answer answer) {
        assertEquals(text, answer.body());
        assertEquals(403, answer.status());
        assertNull(answer.header("www-authenticate"));
    }

    @ParameterizedTest
    @CsvSource({
        "GET, kv/a, 404, 404, 404, 0",
        "GET, kv/?keys, 200, 200, 200, 0",
        "PUT, kv/a, 0, 200, 200, 0",
        "DELETE, kv/a, 0, 200, 200, 0",
        "PUT, txn, 0, 200, 200, 0",
        "PUT, session/create, 0, 200, 200, 0",
        "PUT, session/renew/x, 0, 404, 404, 0",
        "GET, session/list, 200, 200, 200, 0",
        "GET, status/leader, 200, 200, 200, 0",
        "GET, agent/self, 200, 200, 200, 0",
        "GET, catalog/services, 200, 200, 200, 0"
    })
    void rolesAreThoseOfTheNativeInterface(
            String method, String target, int reader, int writer, int admin, int metrics) {
        assertMay(reader, ask(method, target, consul(token("reader"))));
        assertMay(writer, ask(method, target, consul(token("writer"))));
        assertMay(admin, ask(method, target, consul(token("admin"))));
        assertMay(metrics, ask(method, target, consul(token("metrics"))));
        assertRefused(DENIED, ask(method, target, ""));
        assertRefused(UNKNOWN, ask(method, target, consul("nobody's")));
    }

    /** @param status 0 if it may not */
    private static void assertMay(int status, Answer answer) {
        if (status == 0) {
            assertRefused(DENIED, answer);
        } else {
            assertEquals(status, answer.status(), answer::toString);
        }
    }

    @Test
    void aTokenIsInTheQueryOrInAHeader() {
        assertEquals(200, ask("GET", "kv/?keys&token=" + token("reader"), "").status());
        assertEquals(200, ask("GET", "kv/?keys", consul(token("reader"))).status());
        assertEquals(200, ask("GET", "kv/?keys", bearer("reader")).status());
        assertEquals(
                200,
                ask("GET", "kv/?keys", "Authorization: bearer  " + token("reader") + " more\r\n")
                        .status());
        assertEquals(
                200, ask("GET", "kv/?keys", basic("reader", token("reader"))).status());
    }

    @Test
    void theQueryCountsMostAndThenTheHeaderOfConsul() {
        String reader = token("reader");
        assertEquals(
                200,
                ask("PUT", "kv/a?token=" + token("writer"), consul(reader) + bearer("reader"))
                        .status());
        assertRefused(DENIED, ask("PUT", "kv/a?token=" + reader, consul(token("writer")) + bearer("writer")));
        assertEquals(
                200,
                ask("PUT", "kv/a", consul(token("writer")) + bearer("reader")).status());
        assertRefused(DENIED, ask("PUT", "kv/a", consul(reader) + bearer("writer")));
        assertRefused(UNKNOWN, ask("GET", "kv/a?token=x", consul(reader)));
    }

    /** Some libraries send them whenever they have none. */
    @ParameterizedTest
    @ValueSource(strings = {"X-Consul-Token: \r\n", "Authorization: Bearer \r\n", "Authorization: Bearer\r\n"})
    void anEmptyTokenIsNone(String header) {
        assertRefused(DENIED, ask("GET", "kv/a", header));
        assertEquals(
                200, ask("GET", "kv/?keys&token=" + token("reader"), header).status());
        assertRefused(DENIED, ask("GET", "kv/a?token=", header));
    }

    @Test
    void theTokenOfTheQueryIsOfNoUseForTheNativeInterface() {
        assertEquals(401, server.http().get("/store/a?token=" + token("reader")).status());
        assertEquals(
                401,
                server.http().send("GET", "/store/a", consul(token("reader"))).status());
    }

    @Test
    void whereNobodyHasToSayWhoTheyAreAnyTokenWillDo() {
        server.login = Login.NONE;
        assertEquals(200, ask("PUT", "kv/a?token=x", "").status());
        assertEquals(200, ask("GET", "kv/a", consul("x")).status());
    }
}

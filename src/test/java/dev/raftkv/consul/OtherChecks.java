package dev.raftkv.consul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.consul.ConsulCaller.Answer;
import java.util.List;
import java.util.Map;

/** What clients ask besides, and what is not there. */
public final class OtherChecks {
    private static final String ONLY =
            ": only /v1/kv, /v1/session, /v1/txn, /v1/status and the reads of /v1/agent/self,"
                    + " /v1/catalog and /v1/health are served";

    private final Consul consul;

    public OtherChecks(Consul consul) {
        this.consul = consul;
    }

    /** Passes when clients are served. */
    public void ready() {
        assertEquals(404, consul.asked().get("/v1/kv/none").status());
    }

    public void status() {
        assertTrue(consul.asked().get("/v1/status/leader").text().matches("\"[\\w.-]+:\\d+\""));
        assertTrue(consul.asked().get("/v1/status/peers").json().isArray());
        assertEquals("{}", consul.asked().get("/v1/catalog/services").text());
        assertEquals("[]", consul.asked().get("/v1/health/service/x").text());
        Answer nodes = consul.asked().get("/v1/catalog/nodes");
        assertTrue(!consul.asked()
                .get("/v1/catalog/nodes?index=" + nodes.index() + "&wait=1s")
                .tookLessThan(0.95));
    }

    public void whatIsLeftOut() {
        assertEquals(404, consul.asked().get("/v1/nothing").status());
        Answer acl = consul.asked().get("/v1/acl/tokens");
        assertEquals(401, acl.status(), acl::toString);
        assertEquals("ACL support disabled", acl.text());
        for (String target :
                List.of("/v1/agent/service/register", "/v1/catalog/register", "/v1/event/fire/x", "/v1/snapshot")) {
            Answer answer = consul.asked().put(target, "{}");
            assertEquals(501, answer.status(), answer::toString);
            assertTrue(
                    answer.text().startsWith("raftkv has no ") && answer.text().endsWith(ONLY), answer::toString);
        }
        Answer other = consul.asked().get("/v1/kv/check/a?dc=dc2");
        assertEquals(500, other.status(), other::toString);
        assertEquals("No path to datacenter", other.text());
    }

    public void tokens() {
        for (Map<String, String> headers : List.of(
                Map.of("X-Consul-Token", ""), Map.of("X-Consul-Token", "x"), Map.of("Authorization", "Bearer x"))) {
            Answer answer = consul.asked().ask("GET", "/v1/kv/check/?keys", headers, new byte[0]);
            assertTrue(List.of(200, 403, 404).contains(answer.status()), answer::toString);
        }
    }
}

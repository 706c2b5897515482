package dev.raftkv.consul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.consul.ConsulCaller.Answer;
import java.util.stream.StreamSupport;

/** Indexes, and requests that wait until there is another one. */
public final class WaitChecks {
    private final Consul consul;

    public WaitChecks(Consul consul) {
        this.consul = consul;
    }

    public void prefixes() {
        consul.clear();
        consul.assertPut(true, "w/a", "x");
        consul.assertPut(true, "w/b", "x");
        Answer all = consul.get("w/?recurse");
        long index = StreamSupport.stream(all.json().spliterator(), false)
                .map(entry -> entry.get("ModifyIndex"))
                .mapToLong(JsonNode::asLong)
                .max()
                .orElseThrow();
        assertEquals(index, all.index());
        consul.assertPut(true, "elsewhere", "x");
        assertEquals(index, consul.get("w/?recurse").index(), "writes elsewhere do not count");
        Answer waited = consul.get("w/?recurse&index=" + index + "&wait=1s");
        assertTrue(!waited.tookLessThan(0.95) && waited.tookLessThan(1.4), waited::toString);
        assertEquals(index, waited.index());
        Answer made = Consul.during(
                () -> consul.assertPut(true, "w/c", "x"), () -> consul.get("w/?recurse&index=" + index + "&wait=10s"));
        assertNews(made, index, 3);
        Answer removed = Consul.during(
                () -> consul.assertDelete(true, "w/c"),
                () -> consul.get("w/?recurse&index=" + made.index() + "&wait=10s"));
        assertNews(removed, made.index(), 2);
        assertEquals(removed.index(), consul.get("w/?recurse").index(), "and it stays there");
    }

    private static void assertNews(Answer answer, long index, int entries) {
        assertTrue(answer.tookLessThan(5) && answer.index() > index, answer::toString);
        assertEquals(entries, answer.json().size());
    }

    public void whatIsNotThere() {
        consul.clear();
        long index = consul.get("w/new").index();
        Answer waited = consul.get("w/new?index=" + index + "&wait=1s");
        assertEquals(404, waited.status(), waited::toString);
        assertTrue(!waited.tookLessThan(0.95), waited::toString);
        Answer made = Consul.during(
                () -> consul.assertPut(true, "w/new", "x"),
                () -> consul.other().get("/v1/kv/check/w/new?index=" + waited.index() + "&wait=10s"));
        assertEquals(200, made.status(), made::toString);
        assertTrue(made.tookLessThan(5), made::toString);
    }

    public void noneToWaitFor() {
        consul.assertPut(true, "w/a", "x");
        consul.assertPut(true, "w/a", "y");
        assertTrue(consul.get("w/a?index=1&wait=5s").tookLessThan(1), "an old index");
        assertTrue(consul.get("w/a?index=0&wait=5s").tookLessThan(1), "no index");
        assertTrue(consul.get("w/a?wait=5s").tookLessThan(1), "wait alone");
        assertTrue(consul.get("w/a?index=999999999&wait=5s").tookLessThan(1), "an index of another life");
    }
}

package dev.raftkv.consul.compare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.consul.ConsulCaller;
import dev.raftkv.consul.ConsulCaller.Answer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Who is asked. */
public interface Asked {
    Answer ask(Ask ask);

    /** What the first is answered, which waits for what the second does. */
    default Both during(Ask waiting, Ask write) {
        CompletableFuture<Answer> first = CompletableFuture.supplyAsync(() -> ask(waiting));
        Answer second = ask(write);
        return new Both(first.join(), second);
    }

    /** Removes all its keys, and ends its sessions. */
    default void clear() {
        ask(Ask.delete("/v1/kv/?recurse"));
        for (JsonNode session : ask(Ask.get("/v1/session/list")).json()) {
            ask(Ask.put("/v1/session/destroy/" + session.get("ID").asText(), ""));
        }
    }

    record Both(Answer waited, Answer written) {}

    /** Somebody who is asked over HTTP. */
    static Asked at(ConsulCaller caller) {
        return ask -> {
            if (ask.target().contains("stale")) {
                // What was written is certain to be at a follower behind a read that is not stale.
                caller.ask("GET", "/v1/kv/nothing", Map.of(), new byte[0]);
            }
            return caller.ask(ask.method(), ask.target(), Map.of(), ask.body());
        };
    }
}

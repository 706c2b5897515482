package dev.raftkv.consul.compare;

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

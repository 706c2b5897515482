package dev.raftkv.lab.work;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.work.Asker.Exchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;

/** Asks any of the nodes as clients of Consul do. */
final class ConsulPort {
    private static final JsonMapper JSON = new JsonMapper();

    private final Plan plan;
    private final Asker asker;
    private final Random random;

    ConsulPort(Plan plan, Asker asker, Random random) {
        this.plan = plan;
        this.asker = asker;
        this.random = random;
    }

    /**
     * What came back.
     *
     * @param outcome refused only if a node says that it has done nothing, or nothing was sent: an answer of 500 may mean that
     * @param body a missing node if there is none that is done
     * @param status 0 if no node has answered
     */
    record Told(Outcome outcome, JsonNode body, int status) {
        boolean isDone() {
            return outcome == Outcome.DONE;
        }
    }

    /**
     * @param behavior what becomes of its keys, {@code release} or {@code delete}
     * @param lifeSeconds for how long it lives after each renewal: twice the ttl that is asked for
     */
    Told begin(String name, String behavior, int lifeSeconds, long delayMillis) throws InterruptedException {
        return put(
                "session/create",
                "{\"Name\":\"" + name + "\",\"Behavior\":\"" + behavior + "\",\"TTL\":\"" + lifeSeconds * 500
                        + "ms\",\"LockDelay\":\"" + delayMillis + "ms\"}");
    }

    Told renew(String session) throws InterruptedException {
        return put("session/renew/" + session, "");
    }

    Told end(String session) throws InterruptedException {
        return put("session/destroy/" + session, "");
    }

    Told sessions() throws InterruptedException {
        return get("session/list?consistent");
    }

    Told entry(String key) throws InterruptedException {
        return get("kv/" + key + "?consistent");
    }

    /** @param what {@code acquire} or {@code release} */
    Told key(String key, String what, String session) throws InterruptedException {
        Told told = put("kv/" + key + "?" + what + "=" + session, "of " + session);
        return told.isDone() && !told.body.asBoolean() ? new Told(Outcome.REFUSED, told.body, told.status) : told;
    }

    /** @param operations each with its verb, key, session and value */
    Told txn(String[]... operations) throws InterruptedException {
        List<String> all = new ArrayList<>();
        for (String[] each : operations) {
            String value = Base64.getEncoder().encodeToString(each[3].getBytes(StandardCharsets.UTF_8));
            all.add("{\"KV\":{\"Verb\":\"" + each[0] + "\",\"Key\":\"" + each[1] + "\",\"Session\":\"" + each[2]
                    + "\",\"Value\":\"" + value + "\"}}");
        }
        return put("txn", "[" + String.join(",", all) + "]");
    }

    private Told put(String target, String body) throws InterruptedException {
        return told(asker.exchange("PUT", plan.anyNode(random) + "/v1/" + target, body, null));
    }

    private Told get(String target) throws InterruptedException {
        return told(asker.exchange("GET", plan.anyNode(random) + "/v1/" + target, null, null));
    }

    private static Told told(Exchange exchange) {
        int status = exchange.isByNode() ? exchange.status() : 0;
        if (exchange.outcome() != Outcome.DONE || status == 0) {
            Outcome outcome = exchange.outcome() == Outcome.DONE ? Outcome.UNKNOWN : exchange.outcome();
            return new Told(outcome, MissingNode.getInstance(), status);
        }
        try {
            return new Told(Outcome.DONE, JSON.readTree(exchange.response().body()), status);
        } catch (IOException e) {
            return new Told(Outcome.UNKNOWN, MissingNode.getInstance(), status);
        }
    }
}

package dev.raftkv.consul.compare;

import dev.raftkv.consul.ConsulCaller.Answer;
import dev.raftkv.consul.compare.Asked.Both;
import java.util.ArrayList;
import java.util.List;

/** One of two Consuls, and what it calls what both have. Belongs to one thread. */
public final class Side {
    private final Asked asked;
    private final String node;
    private final List<String> sessions = new ArrayList<>();
    private final List<Long> seen = new ArrayList<>();
    private long last = 1;

    /** @param node the name of the node that is asked */
    public Side(Asked asked, String node) {
        this.asked = asked;
        this.node = node;
    }

    /** A new model. */
    public static Side model() {
        return model(new ModelState());
    }

    static Side model(ModelState state) {
        return new Side(new ModelConsul(state, "model"), "model");
    }

    /** A server, which says how it is called, after all its keys and sessions have been removed. */
    public static Side cleared(Asked server) {
        server.clear();
        Answer self = server.ask(Ask.get("/v1/agent/self"));
        return new Side(server, self.json().at("/Config/NodeName").asText());
    }

    Answer ask(Ask ask) {
        return asked.ask(ask.of(this::named));
    }

    Both during(Ask waiting, Ask write) {
        return asked.during(waiting.of(this::named), write.of(this::named));
    }

    private String named(String name) {
        return switch (name) {
            case "last" -> Long.toString(last);
            case "own" -> node;
            default -> name.startsWith("session-") ? sessions.get(number(name)) : Long.toString(seen.get(number(name)));
        };
    }

    private static int number(String name) {
        return Integer.parseInt(name.substring(name.indexOf('-') + 1));
    }

    void learnSession(Answer answer) {
        sessions.add(answer.json().get("ID").asText());
    }

    static boolean hasIndex(Answer answer) {
        return answer.header("X-Consul-Index").isPresent();
    }

    /** @param counted whether others mean the same by it */
    void learnIndex(Answer answer, boolean counted) {
        last = answer.index();
        if (counted) {
            seen.add(last);
        }
    }

    int sessions() {
        return sessions.size();
    }

    int seen() {
        return seen.size();
    }

    /** A text of its own with the names that both have. */
    String common(String text) {
        String common = text;
        for (int i = 0; i < sessions.size(); i++) {
            common = common.replace(sessions.get(i), "<session-" + i + ">");
        }
        return common.replaceAll("\"Node\":( ?)\"" + node + "\"", "\"Node\":$1\"<own>\"");
    }
}

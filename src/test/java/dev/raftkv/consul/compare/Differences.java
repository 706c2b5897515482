package dev.raftkv.consul.compare;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import dev.raftkv.consul.ConsulCaller.Answer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is not the same in two answers. */
final class Differences {
    private static final Pattern INDEX =
            Pattern.compile("(?<=\"(Create|Modify)Index\": ?)\\d+|(?<=current modify index )\\d+ != \\d+");
    private static final Pattern FREE = Pattern.compile("(?s)(?<=^(Request decode failed|Failed to parse body): ).*");
    private static final List<String> BOTH = List.of("Content-Type", "X-Consul-Knownleader");
    private static final List<String> ASKED_FOR = List.of("Allow", "Content-Security-Policy");

    private final Side reference;
    private final Side other;
    private final boolean exact;
    private final IndexOrder indexes = new IndexOrder();
    private final IndexOrder sessionIndexes = new IndexOrder();

    Differences(Side reference, Side other, boolean exact) {
        this.reference = reference;
        this.other = other;
        this.exact = exact;
    }

    /** The first one. */
    Optional<String> between(Ask ask, Answer expected, Answer answer) {
        List<String> found = new ArrayList<>();
        if (expected.status() != answer.status()) {
            return Optional.of("another status");
        }
        headers(ask, expected, answer, found);
        bodies(ask, expected, answer, found);
        return found.stream().findFirst();
    }

    /** Whether an index of the reference means the same as that of others. */
    boolean isCounted(Ask ask, Answer expected) {
        // Consul itself keeps no index of what is not there.
        return exact
                || expected.status() != 404
                || ask.target().matches(".*[?&](recurse|keys)\\b.*")
                        && !ask.target().contains("index=");
    }

    private void headers(Ask ask, Answer expected, Answer answer, List<String> found) {
        for (String name : BOTH) {
            // Consul says who leads also where a transaction fails that only reads.
            boolean said = exact || name.equals("Content-Type") || expected.status() != 409;
            if (said && !header(expected, name).equals(header(answer, name))) {
                found.add("another " + name);
            }
        }
        for (String name : ASKED_FOR) {
            if (expected.header(name).isPresent() && !header(expected, name).equals(header(answer, name))) {
                found.add("another " + name);
            }
        }
        boolean read = expected.header("X-Consul-Lastcontact").isPresent();
        if (read && !answer.header("X-Consul-Lastcontact").orElse("").matches(isStale(ask) ? "\\d+" : "0")) {
            found.add("another X-Consul-Lastcontact");
        }
        if (Side.hasIndex(expected) != Side.hasIndex(answer)) {
            found.add("an index, and none");
        } else if (Side.hasIndex(expected) && isCounted(ask, expected)) {
            learn(ask, expected.index(), answer.index(), found);
        }
        int length = Integer.parseInt(answer.header("Content-Length").orElse("-1"));
        if (length != answer.body().length && answer.header("Transfer-Encoding").isEmpty()) {
            found.add("another Content-Length than that of the body");
        }
    }

    /** Servers put spaces where they like. */
    private static String header(Answer answer, String name) {
        return answer.header(name).orElse("").replace(" ", "");
    }

    private static boolean isStale(Ask ask) {
        return ask.target().contains("stale");
    }

    private void bodies(Ask ask, Answer expected, Answer answer, List<String> found) {
        String type = expected.header("Content-Type").orElse("");
        if (!type.equals("application/json") && !type.startsWith("text/plain;")) {
            if (!Arrays.equals(expected.body(), answer.body())) {
                found.add("other bytes");
            }
            return;
        }
        String one = text(ask, reference, expected);
        String two = text(ask, other, answer);
        if (!blurred(one).equals(blurred(two))) {
            found.add("another body:\n" + blurred(one) + "\n" + blurred(two));
            return;
        }
        Matcher first = INDEX.matcher(one);
        Matcher second = INDEX.matcher(two);
        while (first.find() && second.find()) {
            // One of a transaction that has failed: the next change has it, or nobody has.
            boolean passing = !exact && expected.status() == 409 && !indexes.knows(number(first.group()));
            if (!passing) {
                learn(ask, number(first.group()), number(second.group()), found);
            }
        }
    }

    private static long number(String text) {
        return Long.parseLong(text.split(" ", 2)[0]);
    }

    private void learn(Ask ask, long one, long two, List<String> found) {
        String wrong = (ask.isOf("session/") ? sessionIndexes : indexes).learn(one, two);
        if (!wrong.isEmpty()) {
            found.add("other indexes: " + wrong);
        }
    }

    /** Where the numbers are left out that are not the same. */
    private static String blurred(String text) {
        String all = FREE.matcher(INDEX.matcher(text).replaceAll("#")).replaceAll("");
        // Go writes them so for browsers.
        return all.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&");
    }

    /** Sessions are listed by their ids, which have no order that both know. */
    private static String text(Ask ask, Side side, Answer answer) {
        String text = new String(answer.body(), ISO_8859_1);
        if (!ask.isOf("session/") || !text.startsWith("[")) {
            return side.common(text);
        }
        List<String> sessions = new ArrayList<>();
        for (JsonNode session : answer.json()) {
            sessions.add(side.common(session.toString()));
        }
        if (sessions.size() < 2) {
            return side.common(text);
        }
        Collections.sort(sessions);
        return sessions.toString();
    }
}

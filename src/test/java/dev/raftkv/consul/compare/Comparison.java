package dev.raftkv.consul.compare;

import dev.raftkv.consul.ConsulCaller.Answer;
import dev.raftkv.consul.compare.Asked.Both;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Asks two Consuls the same. Their answers are equal in status, headers and bodies, but for ids of sessions, which are named by their
 * order, and indexes, which are in the same order. The first difference ends it.
 */
public final class Comparison {
    /** So many of the requests before it are shown with a difference. */
    private static final int SHOWN = 25;

    private final Side reference;
    private final Side other;
    private final Differences differences;
    private final List<String> asked = new ArrayList<>();

    /** @param exact whether the reference is all that the interface promises, as the model is; else its known errors are let pass */
    public Comparison(Side reference, Side other, boolean exact) {
        this.reference = reference;
        this.other = other;
        this.differences = new Differences(reference, other, exact);
    }

    /** The answer of the reference. */
    Answer ask(Ask ask) {
        asked.add(ask.toString());
        Answer expected = reference.ask(ask);
        Answer answer = other.ask(ask);
        compare(ask, expected, answer);
        return expected;
    }

    /** Asks for what waits until something else is done. */
    void during(Ask waiting, Ask write) {
        asked.add(waiting + "\n    meanwhile: " + write);
        Both expected = reference.during(waiting, write);
        Both answers = other.during(waiting, write);
        compare(write, expected.written(), answers.written());
        compare(waiting, expected.waited(), answers.waited());
    }

    int requests() {
        return asked.size();
    }

    /** How many sessions have been made. */
    int sessions() {
        return reference.sessions();
    }

    /** How many indexes have been shown. */
    int seen() {
        return reference.seen();
    }

    private void compare(Ask ask, Answer expected, Answer answer) {
        if (ask.isOf("session/create") && expected.status() == 200 && answer.status() == 200) {
            reference.learnSession(expected);
            other.learnSession(answer);
        }
        Optional<String> difference = differences.between(ask, expected, answer);
        if (difference.isPresent()) {
            throw new AssertionError(difference.get() + "\n--- " + ask + "\n--- expected: " + expected
                    + "\n--- answer: " + answer + "\n--- after these requests:\n" + String.join("\n", last()));
        }
        if (ask.isOf("kv/") && Stream.of(expected, answer).allMatch(Side::hasIndex)) {
            reference.learnIndex(expected, differences.isCounted(ask, expected));
            other.learnIndex(answer, differences.isCounted(ask, expected));
        }
    }

    private List<String> last() {
        return asked.subList(Math.max(0, asked.size() - SHOWN), asked.size());
    }
}

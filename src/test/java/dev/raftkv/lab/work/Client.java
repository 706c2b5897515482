package dev.raftkv.lab.work;

import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.history.Request;
import dev.raftkv.lab.work.Asker.Attempt;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One client: an operation after the other, each sent to a node by chance. */
final class Client {
    private static final int ATTEMPTS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long BACK_OFF_MS = 30;

    private final int number;
    private final Plan plan;
    private final Asker asker;
    private final Random random;
    private final History history;
    private final Keyspace keys;
    private long reached;

    Client(int number, Plan plan, Asker asker, Random random, History history, Keyspace keys) {
        this.number = number;
        this.plan = plan;
        this.asker = asker;
        this.random = random;
        this.history = history;
        this.keys = keys;
    }

    /** Works until it is told to stop, and ends what it has begun. */
    void work(Choice choice, BooleanSupplier stopped) throws InterruptedException {
        while (!stopped.getAsBoolean()) {
            Operation operation = carryOut(choice.next(reached));
            if (operation.request().name() != null && operation.isDone() && random.nextInt(4) == 0) {
                repeat(operation);
            }
            TimeUnit.MICROSECONDS.sleep(
                    (long) (-Math.log(1 - random.nextDouble()) * plan.pause().toNanos() / 1000));
        }
    }

    /**
     * Sends a request, and again at another node if it is certain that nothing was changed, or if it has a name and its end is
     * not known.
     */
    Operation carryOut(Request request) throws InterruptedException {
        int node = random.nextInt(plan.nodes().size());
        String followerWrites = followerWrites();
        long start = System.nanoTime();
        boolean mayHaveHappened = false;
        Attempt attempt;
        int attempts = 0;
        int at = node;
        do {
            if (attempts++ > 0) {
                at = (at + 1) % plan.nodes().size();
                TimeUnit.MILLISECONDS.sleep(BACK_OFF_MS);
            }
            attempt = asker.ask(request, plan.nodes().get(at), followerWrites);
            mayHaveHappened |= attempt.outcome() == Outcome.UNKNOWN;
        } while (isWorthAnother(request, attempt, attempts, mayHaveHappened, start));
        boolean isContradicted = attempt.answer() != null && attempt.answer().status() == 412;
        Outcome outcome = attempt.outcome() == Outcome.REFUSED && mayHaveHappened && !isContradicted
                ? Outcome.UNKNOWN
                : attempt.outcome();
        return add(new Operation(
                number, node, attempts, false, request, start, System.nanoTime(), outcome, attempt.answer()));
    }

    private boolean isWorthAnother(
            Request request, Attempt attempt, int attempts, boolean mayHaveHappened, long start) {
        boolean isPassing = attempt.answer() == null
                || attempt.answer().status() >= 500
                || attempt.answer().status() == 307;
        if (attempt.outcome() == Outcome.DONE || !isPassing) {
            return false;
        }
        if (request.name() != null) {
            return System.nanoTime() - start < PATIENCE.toNanos();
        }
        return !request.isRead() && !mayHaveHappened && attempts < ATTEMPTS;
    }

    /** Sends a request once more that was answered. */
    private void repeat(Operation first) throws InterruptedException {
        int node = random.nextInt(plan.nodes().size());
        long start = System.nanoTime();
        Attempt attempt = asker.ask(first.request(), plan.nodes().get(node), followerWrites());
        history.add(new Operation(
                number, node, 1, true, first.request(), start, System.nanoTime(), attempt.outcome(), attempt.answer()));
    }

    private String followerWrites() {
        return switch (random.nextInt(4)) {
            case 0 -> "forward";
            case 1 -> "redirect";
            default -> null;
        };
    }

    private Operation add(Operation operation) {
        history.add(operation);
        keys.look(operation);
        Answer answer = operation.answer();
        if (answer != null && operation.isDone()) {
            reached = Math.max(reached, answer.storeRevision());
        }
        return operation;
    }
}

package dev.raftkv.lab.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.lab.history.Answer;
import dev.raftkv.lab.history.History;
import dev.raftkv.lab.history.Level;
import dev.raftkv.lab.history.Operation;
import dev.raftkv.lab.history.Outcome;
import dev.raftkv.lab.history.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LinearizationTest {
    /** The search finds an order exactly if trying all orders finds one. */
    @Test
    void theSearchAgreesWithTryingAllOrders() {
        int possible = 0;
        int impossible = 0;
        for (long seed = 0; seed < 20_000; seed++) {
            List<KeyOperation> operations = few(new Random(seed));
            boolean expected = tryAll(KeyState.NOTHING, operations);
            assertEquals(expected, Linearization.firstFault(operations).isEmpty(), "seed " + seed);
            possible += expected ? 1 : 0;
            impossible += expected ? 0 : 1;
        }
        String counts = possible + " possible, " + impossible + " not";
        assertTrue(possible > 1000 && impossible > 1000, counts);
    }

    /** What is left of an impossible history is impossible too, and no longer than it. */
    @Test
    void theCulpritsAreImpossibleThemselves() {
        for (long seed = 0; seed < 2_000; seed++) {
            List<KeyOperation> operations = few(new Random(seed));
            if (Linearization.firstFault(operations).isPresent()) {
                assertTrue(Linearization.firstFault(Culprits.of(operations)).isPresent(), "seed " + seed);
            }
        }
    }

    /** Writes whose end nobody knows, by the dozen, do not make the search long. */
    @Test
    void manyUnknownWritesAreNoBurden() {
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            operations.add(new Operation(
                    i,
                    0,
                    1,
                    false,
                    i % 3 == 0 ? Request.delete("k") : Request.put("k", "u" + i),
                    i * 10L,
                    i * 10L + 5,
                    Outcome.UNKNOWN,
                    null));
            operations.add(operation(
                    100,
                    i * 10 + 6,
                    i * 10 + 7,
                    Request.put("k", "v" + i),
                    Answer.of(200, null, i + 1, i + 1, "n", null)));
            operations.add(operation(
                    100,
                    i * 10 + 8,
                    i * 10 + 9,
                    Request.read("k", Level.LINEARIZABLE),
                    i % 4 == 0
                            ? Answer.of(404, null, 0, i + 1, "n", Level.LINEARIZABLE)
                            : Answer.of(200, "v" + i, i + 1, i + 1, "n", Level.LINEARIZABLE)));
        }
        assertEquals(true, Linearization.firstFault(steps(operations)).isEmpty());
    }

    /** Six operations on one key, with answers that may be right. */
    private static List<KeyOperation> few(Random random) {
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            long start = i * 5L + random.nextInt(20);
            long end = start + 1 + random.nextInt(25);
            int revision = i + 1;
            int other = random.nextInt(6);
            boolean unknown = random.nextInt(4) == 0;
            Answer written = Answer.of(200, null, revision, revision, "n", null);
            Request put = Request.put("k", "v" + i);
            Request request = switch (random.nextInt(6)) {
                case 0, 1, 2 -> put;
                case 3 -> put.onlyIf(random.nextInt(4));
                case 4 -> Request.delete("k");
                default -> Request.read("k", Level.LINEARIZABLE);
            };
            if (request.isRead()) {
                boolean found = random.nextInt(3) > 0;
                Answer answer = Answer.of(
                        found ? 200 : 404,
                        found ? "v" + other : null,
                        found ? other + 1 : 0,
                        revision,
                        "n",
                        request.level());
                operations.add(operation(i, start, end, request, answer));
            } else if (unknown) {
                operations.add(new Operation(i, 0, 1, false, request, start, end, Outcome.UNKNOWN, null));
            } else if (request.ifRevision() >= 0 && random.nextInt(3) == 0) {
                operations.add(new Operation(
                        i,
                        0,
                        1,
                        false,
                        request,
                        start,
                        end,
                        Outcome.REFUSED,
                        Answer.of(412, null, random.nextInt(4), revision, "n", null)));
            } else {
                operations.add(operation(i, start, end, request, written));
            }
        }
        return steps(operations);
    }

    private static Operation operation(int client, long start, long end, Request request, Answer answer) {
        return new Operation(client, 0, 1, false, request, start, end, Outcome.DONE, answer);
    }

    private static List<KeyOperation> steps(List<Operation> operations) {
        History history = new History();
        operations.forEach(history::add);
        Evidence evidence = new Evidence(history, List.of());
        return operations.stream()
                .map(operation -> KeyOperation.of(operation, "k", evidence))
                .toList();
    }

    /** Whether what is left can follow a state: one of those comes next that began before the end of all others. */
    private static boolean tryAll(KeyState state, List<KeyOperation> left) {
        if (left.stream().noneMatch(KeyOperation::mustTakePlace)) {
            return true;
        }
        long firstEnd = left.stream().mapToLong(KeyOperation::end).min().orElseThrow();
        for (KeyOperation next : left) {
            KeyState after = next.start() <= firstEnd ? next.step().from(state) : null;
            if (after != null) {
                List<KeyOperation> rest = new ArrayList<>(left);
                rest.remove(next);
                if (tryAll(after, rest)) {
                    return true;
                }
            }
        }
        return false;
    }
}

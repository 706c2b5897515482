package dev.raftkv.lab.check;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whether the operations on one key can have taken place one after the other, each between its start and its end: Wing and
 * Gong's search (Testing and verifying concurrent objects, 1993) as Lowe does it (Testing for linearizability, 2017): just in
 * time, an operation is given its place only when another's end demands it, and no state is searched twice.
 *
 * <p>All orders that are still possible are carried along at once. One of them is what the key is, which of the operations
 * that are under way have taken place, and which of unknown end have. Where two differ in nothing but that one has used fewer
 * of unknown end, it can do all that the other can, which is dropped.
 */
final class Linearization {
    /** More possible orders than this at once mean that the histories are made in a wrong way. */
    private static final int LIMIT = 200_000;

    private final List<KeyOperation> operations;
    private final BitSet optional = new BitSet();

    private Linearization(List<KeyOperation> operations) {
        this.operations = operations;
        for (int i = 0; i < operations.size(); i++) {
            optional.set(i, !operations.get(i).mustTakePlace());
        }
    }

    /**
     * @param certain which operations have taken place of those that are under way
     * @param used which have of those of unknown end
     */
    private record Order(KeyState state, BitSet certain, BitSet used) {
        boolean has(int operation) {
            return certain.get(operation) || used.get(operation);
        }

        Order withCertain(int operation, KeyState next) {
            BitSet more = (BitSet) certain.clone();
            more.set(operation);
            return new Order(next, more, used);
        }

        Order withUsed(int operation, KeyState next) {
            BitSet more = (BitSet) used.clone();
            more.set(operation);
            return new Order(next, certain, more);
        }

        Order without(int operation) {
            BitSet less = (BitSet) certain.clone();
            less.clear(operation);
            return new Order(state, less, used);
        }
    }

    /** Orders, without those that can do no more than another. */
    private static final class Orders {
        private record Place(KeyState state, BitSet certain) {}

        private final Map<Place, List<Order>> orders = new HashMap<>();
        private int added;

        /** False if another can do all that this one can. */
        boolean add(Order order) {
            List<Order> known =
                    orders.computeIfAbsent(new Place(order.state, order.certain), place -> new ArrayList<>());
            if (known.stream().anyMatch(less -> isWithin(less.used, order.used))) {
                return false;
            }
            known.removeIf(more -> isWithin(order.used, more.used));
            known.add(order);
            if (++added > LIMIT) {
                throw new IllegalStateException("more than " + LIMIT + " possible orders of one key's operations");
            }
            return true;
        }

        List<Order> all() {
            return orders.values().stream().flatMap(List::stream).toList();
        }

        private static boolean isWithin(BitSet part, BitSet whole) {
            BitSet outside = (BitSet) part.clone();
            outside.andNot(whole);
            return outside.isEmpty();
        }
    }

    /**
     * Looks for an order.
     *
     * @return the operation whose end cannot be explained any more, the first one; empty if there is an order
     */
    static Optional<KeyOperation> firstFault(List<KeyOperation> operations) {
        List<KeyOperation> sorted = operations.stream()
                .sorted(Comparator.comparingLong(KeyOperation::start))
                .toList();
        int fault = new Linearization(sorted).search();
        return fault < 0 ? Optional.empty() : Optional.of(sorted.get(fault));
    }

    private int search() {
        List<Integer> ends = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            if (operations.get(i).mustTakePlace()) {
                ends.add(i);
            }
        }
        ends.sort(Comparator.comparingLong(i -> operations.get(i).end()));
        List<Integer> open = new ArrayList<>();
        List<Order> orders = List.of(new Order(KeyState.NOTHING, new BitSet(), new BitSet()));
        int begun = 0;
        for (int ending : ends) {
            while (begun < operations.size()
                    && operations.get(begun).start() <= operations.get(ending).end()) {
                open.add(begun++);
            }
            orders = placing(ending, orders, open);
            if (orders.isEmpty()) {
                return ending;
            }
            open.remove((Integer) ending);
        }
        return -1;
    }

    /** All orders in which an operation has taken place, which is then forgotten, because it is in all of them. */
    private List<Order> placing(int ending, List<Order> before, List<Integer> open) {
        Orders after = new Orders();
        Orders visited = new Orders();
        before.forEach(visited::add);
        Deque<Order> frontier = new ArrayDeque<>(before);
        while (!frontier.isEmpty()) {
            Order order = frontier.poll();
            if (order.certain.get(ending)) {
                after.add(order.without(ending));
                continue;
            }
            Set<String> tried = new HashSet<>();
            for (int next : open) {
                KeyOperation operation = operations.get(next);
                if (order.has(next) || operation.alike() != null && !tried.add(operation.alike())) {
                    continue;
                }
                KeyState state = operation.step().from(order.state);
                if (state != null) {
                    Order longer = optional.get(next) ? order.withUsed(next, state) : order.withCertain(next, state);
                    if (visited.add(longer)) {
                        frontier.add(longer);
                    }
                }
            }
        }
        return after.all();
    }
}

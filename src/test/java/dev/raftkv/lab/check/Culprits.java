package dev.raftkv.lab.check;

import dev.raftkv.lab.history.Request;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The shortest part of a key's operations that is still impossible. What only reads is left out as long as the rest is
 * impossible without it. What changes is not left out, which would make impossible what was seen of it, but allowed to take
 * place at any time or never; it is shown only if the rest is possible then, or if somebody saw its value.
 */
final class Culprits {
    private Culprits() {}

    /** @param operations which are impossible together */
    static List<KeyOperation> of(List<KeyOperation> operations) {
        List<KeyOperation> all = new ArrayList<>(upToFault(operations));
        Set<KeyOperation> loose = new HashSet<>();
        for (int piece = Math.max(1, all.size() / 2); piece >= 1; piece /= 2) {
            for (int i = 0; i < all.size(); i += piece) {
                loosen(all, loose, i, Math.min(all.size(), i + piece));
            }
        }
        Set<String> seen = new HashSet<>();
        all.stream()
                .filter(operation -> !loose.contains(operation))
                .forEach(operation -> seen.addAll(seenBy(operation)));
        return all.stream()
                .filter(operation -> !loose.contains(operation)
                        || operation.operation().request().values().stream().anyMatch(seen::contains))
                .toList();
    }

    private static List<KeyOperation> upToFault(List<KeyOperation> operations) {
        long end = Linearization.firstFault(operations).orElseThrow().end();
        return operations.stream().filter(operation -> operation.start() <= end).toList();
    }

    private static void loosen(List<KeyOperation> all, Set<KeyOperation> loose, int from, int to) {
        List<KeyOperation> tried = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            KeyOperation operation = all.get(i);
            boolean free = i >= from && i < to || loose.contains(operation);
            if (!free) {
                tried.add(operation);
            } else if (!operation.operation().request().isRead()
                    && !operation.operation().isContradicted()) {
                tried.add(operation.atAnyTime());
            }
        }
        if (Linearization.firstFault(tried).isPresent()) {
            loose.addAll(all.subList(from, to));
        }
    }

    private static Set<String> seenBy(KeyOperation operation) {
        Set<String> seen = new HashSet<>();
        if (operation.operation().answer() != null) {
            if (operation.operation().request().kind() == Request.Kind.READ) {
                seen.add(operation.operation().answer().value());
            }
            operation.operation().answer().results().forEach(result -> seen.add(result.value()));
        }
        return seen;
    }
}

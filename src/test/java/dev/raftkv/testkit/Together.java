package dev.raftkv.testkit;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** Does the same to several at the same time: nodes mostly wait when they start and stop. */
public final class Together {
    private Together() {}

    /**
     * Does it to each in a thread of its own, and returns when all has ended. What it does has to end by itself.
     *
     * @throws RuntimeException or an {@link Error}: what the first that has failed threw, with that of the others added to it
     */
    public static <T> void each(Collection<T> all, Consumer<T> action) {
        List<CompletableFuture<Void>> begun = new ArrayList<>();
        for (T one : all) {
            begun.add(CompletableFuture.runAsync(() -> action.accept(one), task -> new Thread(task).start()));
        }
        Throwable failure = null;
        for (CompletableFuture<Void> each : begun) {
            try {
                each.join();
            } catch (CompletionException e) {
                if (failure == null) {
                    failure = e.getCause();
                } else {
                    failure.addSuppressed(e.getCause());
                }
            }
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        if (failure instanceof Error error) {
            throw error;
        }
    }
}

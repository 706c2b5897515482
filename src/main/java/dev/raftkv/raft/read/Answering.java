package dev.raftkv.raft.read;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Takes what an answer brings from threads that must not wait to those that may. When those have ended, every future ends
 * still.
 */
record Answering(Executor answers) implements Executor {
    @Override
    public void execute(Runnable task) {
        try {
            answers.execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }
}

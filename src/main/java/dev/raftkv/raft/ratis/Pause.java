package dev.raftkv.raft.ratis;

import java.io.IOException;

/** Waits for something that Ratis tells by no event. Only on threads that may wait. */
public final class Pause {
    private Pause() {}

    /** @throws IOException if the thread is interrupted */
    public static void millis(long millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}

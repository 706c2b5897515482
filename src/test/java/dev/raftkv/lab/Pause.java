package dev.raftkv.lab;

/** Time in which the laboratory lets things happen. */
final class Pause {
    private Pause() {}

    static void millis(long millis) throws InterruptedException {
        Thread.sleep(millis);
    }
}

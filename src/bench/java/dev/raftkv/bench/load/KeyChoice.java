package dev.raftkv.bench.load;

import java.util.Random;

/** Which key is asked for next. */
public interface KeyChoice {
    /** The number of a key; negative if there is nothing more to ask for. */
    long next();

    /** Any of the first keys, each as likely, in the same order in each run. */
    static KeyChoice anyOf(int keys) {
        Random random = new Random(7);
        return () -> random.nextInt(keys);
    }

    /** The first keys in order, again and again. */
    static KeyChoice round(int keys) {
        long[] next = {0};
        return () -> next[0]++ % keys;
    }

    /** Each of a range once, in order. */
    static KeyChoice each(long from, long until) {
        long[] next = {from};
        return () -> next[0] < until ? next[0]++ : -1;
    }
}

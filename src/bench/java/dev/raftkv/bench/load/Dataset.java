package dev.raftkv.bench.load;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** The keys and values, the same for all peers and in all runs. Immutable. */
public final class Dataset {
    /** Of letters and digits, as in JSON all else could be longer than it is elsewhere. */
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /** Enough that no write leaves a key as it is more than rarely. */
    private static final int VALUES = 64;

    private static final int DIGITS = 8;

    private final byte[][] values = new byte[VALUES][];

    /** @param valueBytes the length of each value, &ge; 1 */
    public Dataset(int valueBytes) {
        Random random = new Random(1);
        for (int value = 0; value < VALUES; value++) {
            values[value] = new byte[valueBytes];
            for (int at = 0; at < valueBytes; at++) {
                values[value][at] = (byte) ALPHABET.charAt(random.nextInt(ALPHABET.length()));
            }
        }
    }

    /** The key of a number from 0 to 99,999,999, whose order is that of the numbers. */
    String key(long number) {
        byte[] key = new byte[DIGITS + 1];
        long left = number;
        for (int at = DIGITS; at > 0; at--) {
            key[at] = (byte) ('0' + left % 10);
            left /= 10;
        }
        key[0] = 'k';
        return new String(key, StandardCharsets.ISO_8859_1);
    }

    /** How many values there are. */
    int values() {
        return VALUES;
    }

    /** @param number any number &ge; 0: the values come again and again; not to be changed */
    byte[] value(long number) {
        return values[(int) (number % VALUES)];
    }

    int valueBytes() {
        return values[0].length;
    }
}

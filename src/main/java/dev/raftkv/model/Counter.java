package dev.raftkv.model;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a counter holds, and what is added to one: a JSON integer of at most {@value #MAX_DIGITS} digits, so that neither a sum
 * nor an answer takes more than a moment or a kilobyte.
 */
public record Counter(BigInteger number) {
    public static final int MAX_DIGITS = 1_000;

    /** The longest text, with its sign, in bytes. */
    public static final int MAX_BYTES = MAX_DIGITS + 1;

    private static final BigInteger BEYOND = BigInteger.TEN.pow(MAX_DIGITS);
    private static final Pattern INTEGER = Pattern.compile("-?(?:0|[1-9][0-9]*)");

    /** What a key that is not there counts as. It is made by the bound above. */
    public static final Counter ZERO = new Counter(BigInteger.ZERO);

    /** @throws KvException {@link Code#INVALID} if it has more digits */
    public Counter {
        if (!fits(number)) {
            throw new KvException(
                    Code.INVALID, "a counter has at most " + MAX_DIGITS + " digits: count from a smaller number");
        }
    }

    private static boolean fits(BigInteger number) {
        return number.abs().compareTo(BEYOND) < 0;
    }

    /** The number that a JSON text stands for; empty if it is no integer, is written with an exponent, or has more digits. */
    public static Optional<Counter> of(String json) {
        return json.length() <= MAX_BYTES && INTEGER.matcher(json).matches()
                ? Optional.of(new BigInteger(json)).filter(Counter::fits).map(Counter::new)
                : Optional.empty();
    }

    /** As {@link #of(String)}, of a value. */
    public static Optional<Counter> of(JsonText value) {
        return value.length() <= MAX_BYTES
                ? of(new String(value.utf8(), StandardCharsets.ISO_8859_1))
                : Optional.empty();
    }

    /** The sum; empty if it has more digits. */
    public Optional<Counter> plus(Counter other) {
        return Optional.of(number.add(other.number)).filter(Counter::fits).map(Counter::new);
    }

    public JsonText json() {
        return new JsonText(number.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public String toString() {
        return number.toString();
    }
}

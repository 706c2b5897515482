package dev.raftkv.consul.compare;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** That what compares two Consuls finds nothing where nothing is, and every small error. */
class ComparisonTest {
    private static final int REQUESTS = 600;
    private static final int SEEDS = 20;

    /** Errors that a Consul could have. */
    enum Flaw {
        FORGETS_FLAGS(() -> new ModelState() {
            @Override
            Row put(long at, String key, byte[] value, BigInteger flags, String session, long lockIndex) {
                return super.put(at, key, value, BigInteger.ZERO, session, lockIndex);
            }
        }),
        COUNTS_WRITES_THAT_CHANGE_NOTHING(() -> new ModelState() {
            @Override
            Row put(long at, String key, byte[] value, BigInteger flags, String session, long lockIndex) {
                super.put(at, key, new byte[] {1, 2, 3}, flags, session, lockIndex);
                return super.put(at, key, value, flags, session, lockIndex);
            }
        }),
        DOES_NOT_COUNT_LOCKS(() -> new ModelState() {
            @Override
            Row put(long at, String key, byte[] value, BigInteger flags, String session, long lockIndex) {
                return super.put(at, key, value, flags, session, 0);
            }
        }),
        FORGETS_LOCKS(() -> new ModelState() {
            @Override
            Row put(long at, String key, byte[] value, BigInteger flags) {
                return super.put(
                        at,
                        key,
                        value,
                        flags,
                        "",
                        super.get(key).map(Row::lockIndex).orElse(0L));
            }
        }),
        FORGETS_REMOVALS(() -> new ModelState() {
            @Override
            long touchedBelow(String prefix) {
                return super.list(prefix).stream().mapToLong(Row::changed).max().orElse(0);
            }
        }),
        TAKES_ANY_INDEX(() -> new ModelState() {
            @Override
            Optional<Row> cas(long at, String key, byte[] value, BigInteger flags, BigInteger expected) {
                return super.cas(at, key, value, flags, expected)
                        .or(() -> super.get(key).map(row -> super.put(at, key, value, flags)));
            }
        }),
        REMOVES_ONLY_WHAT_IS_THERE(() -> new ModelState() {
            @Override
            boolean delete(long at, String key, BigInteger expected) {
                return super.get(key).isPresent() && super.delete(at, key, expected);
            }
        }),
        HAS_NO_LOCK_DELAY(() -> new ModelState() {
            @Override
            boolean isDelayed(String key) {
                return false;
            }
        }),
        KEEPS_WHAT_A_FAILED_TRANSACTION_DID(() -> new ModelState() {
            @Override
            boolean together(BooleanSupplier all) {
                return all.getAsBoolean();
            }
        }),
        LETS_SESSIONS_LIVE(() -> new ModelState() {
            @Override
            void end(String id) {
                // It does nothing.
            }
        }),
        LISTS_DIRECTORIES(() -> new ModelState() {
            @Override
            List<Row> list(String prefix) {
                return super.list(prefix).stream()
                        .filter(row -> prefix.isEmpty()
                                || prefix.endsWith("/")
                                || row.key().equals(prefix)
                                || row.key().startsWith(prefix + "/"))
                        .toList();
            }
        });

        private final Supplier<ModelState> state;

        Flaw(Supplier<ModelState> state) {
            this.state = state;
        }
    }

    private static int walk(long seed, Side other) {
        Comparison both = new Comparison(Side.model(), other, true);
        new RandomWalk(seed, both, true).go(REQUESTS);
        return both.requests();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void twoModelsAreTheSame(long seed) {
        assertTrue(walk(seed, Side.model()) >= REQUESTS);
    }

    @ParameterizedTest
    @EnumSource
    void eachFlawIsFound(Flaw flaw) {
        assertThrows(
                AssertionError.class,
                () -> LongStream.range(0, SEEDS).forEach(seed -> walk(seed, Side.model(flaw.state.get()))));
    }
}

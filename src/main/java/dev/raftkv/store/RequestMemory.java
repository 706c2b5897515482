package dev.raftkv.store;

import com.sleepycat.je.Transaction;
import dev.raftkv.codec.RecordCodec;
import dev.raftkv.codec.RecordCodec.Retention;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Remembered;
import dev.raftkv.model.RequestId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * The outcomes of requests that named themselves, for their repetitions; bounded in age, number and size. Used within one
 * write transaction.
 */
final class RequestMemory {
    static final int MAX_REQUESTS = 10_000;
    static final long MAX_BYTES = 16 << 20;
    static final Duration MAX_AGE = Duration.ofHours(24);

    private final Table records;
    private final Table numbers;
    private final Transaction transaction;
    private final long time;
    private long first;
    private long next;
    private long bytes;

    RequestMemory(JeEnvironment environment, Transaction transaction, Retention before, long time) {
        this.records = environment.requests();
        this.numbers = environment.requestNumbers();
        this.transaction = transaction;
        this.time = time;
        this.first = before.requestsFirst();
        this.next = before.requestsNext();
        this.bytes = before.requestsBytes();
    }

    /** What is known of a request's key, unless it is too old. */
    Optional<Remembered> find(String key) {
        byte[] number = numbers.read(transaction, utf8(key));
        if (number == null) {
            return Optional.empty();
        }
        Remembered found = RecordCodec.decodeRemembered(records.read(transaction, number));
        return isOld(found) ? Optional.empty() : Optional.of(found);
    }

    void add(RequestId id, Outcome outcome) {
        byte[] number = Keys.number(next++);
        byte[] record = RecordCodec.encodeRemembered(new Remembered(id, time, outcome));
        records.put(transaction, number, record);
        numbers.put(transaction, utf8(id.key()), number);
        bytes += record.length;
        forgetOld();
    }

    /** The one that was just added stays, whatever its size. */
    private void forgetOld() {
        while (first < next - 1) {
            byte[] number = Keys.number(first);
            byte[] record = records.read(transaction, number);
            Remembered oldest = RecordCodec.decodeRemembered(record);
            if (!isOld(oldest) && next - first <= MAX_REQUESTS && bytes <= MAX_BYTES) {
                return;
            }
            records.delete(transaction, number);
            byte[] key = utf8(oldest.id().key());
            // A key that was used again after its time points to the later request.
            if (Arrays.equals(numbers.read(transaction, key), number)) {
                numbers.delete(transaction, key);
            }
            bytes -= record.length;
            first++;
        }
    }

    private boolean isOld(Remembered remembered) {
        return time - remembered.time() > MAX_AGE.toMillis();
    }

    /** What is kept now. */
    Retention update(Retention before) {
        return new Retention(before.historyFloor(), before.historyChanges(), before.historyBytes(), first, next, bytes);
    }

    private static byte[] utf8(String key) {
        return key.getBytes(StandardCharsets.UTF_8);
    }
}

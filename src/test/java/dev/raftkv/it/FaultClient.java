package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Http;
import dev.raftkv.testkit.Http.Reply;
import dev.raftkv.testkit.ServerCluster;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Writes and reads back its own keys, one after the other, until it is told to stop. */
final class FaultClient implements Callable<List<KeyHistory>> {
    private static final int DELETE_EVERY = 7;
    private static final int WRITES_PER_KEY = 40;
    /** The machine has more to do: the killed servers start again meanwhile. */
    private static final Duration THINK = Duration.ofMillis(10);

    private static final Duration BACK_OFF = Duration.ofMillis(20);

    private final int number;
    private final ServerCluster cluster;
    private final AtomicBoolean stop;
    private final AtomicLong acknowledged;
    private final Http http = Http.following(Duration.ofSeconds(8));
    private final List<KeyHistory> histories = new ArrayList<>();
    private int node;

    /** @param acknowledged counts the acknowledged writes of all clients */
    FaultClient(int number, ServerCluster cluster, AtomicBoolean stop, AtomicLong acknowledged) {
        this.number = number;
        this.cluster = cluster;
        this.stop = stop;
        this.acknowledged = acknowledged;
    }

    @Override
    public List<KeyHistory> call() {
        while (!stop.get()) {
            KeyHistory history = new KeyHistory("client" + number + "-" + histories.size());
            histories.add(history);
            for (int value = 1; value <= WRITES_PER_KEY && history.isOpen() && !stop.get(); value++) {
                write(history, value % DELETE_EVERY == 0 ? OptionalInt.empty() : OptionalInt.of(value));
            }
        }
        return histories;
    }

    /** Sends one write, at the next node if this one says that it did not do it, until its outcome is known or lost. */
    private void write(KeyHistory history, OptionalInt value) {
        while (!stop.get()) {
            Reply reply;
            try {
                reply = value.isPresent()
                        ? http.post(
                                cluster.url(node, "/store"),
                                "{\"key\": \"" + history.key() + "\", \"value\": " + value.getAsInt() + "}")
                        : http.delete(cluster.url(node, "/store/" + history.key()));
            } catch (ConnectException e) {
                // Nobody was there: nothing has been sent. Unless it was the leader that a redirect named, it is the
                // same.
                node = (node + 1) % ServerCluster.SIZE;
                LockSupport.parkNanos(BACK_OFF.toNanos());
                continue;
            } catch (IOException e) {
                history.leaveUnknown(value);
                node = (node + 1) % ServerCluster.SIZE;
                return;
            }
            if (reply.status() == 200) {
                history.acknowledge(value);
                acknowledged.incrementAndGet();
                readBack(history, reply.uri());
                LockSupport.parkNanos(THINK.toNanos());
                return;
            }
            if (reply.status() == 504) {
                history.leaveUnknown(value);
                return;
            }
            assertTrue(reply.status() == 503 || reply.status() == 307, reply::toString);
            node = (node + 1) % ServerCluster.SIZE;
            LockSupport.parkNanos(BACK_OFF.toNanos());
        }
    }

    /** The node that has acknowledged a write has it: a read there gives that write. Only an answer counts. */
    private void readBack(KeyHistory history, URI acknowledgedBy) {
        try {
            Reply reply =
                    http.get(acknowledgedBy.resolve("/store/" + history.key()).toString());
            assertTrue(reply.status() == 200 || reply.status() == 404 || reply.status() == 503, reply::toString);
            if (reply.status() != 503) {
                OptionalInt value = valueOf(reply);
                assertTrue(history.allows(value), () -> "read " + value + " but " + history);
            }
        } catch (IOException e) {
            node = (node + 1) % ServerCluster.SIZE;
        }
    }

    /** The value of the answer to a GET of a key, empty if there is no such key. */
    static OptionalInt valueOf(Reply reply) throws IOException {
        if (reply.status() == 404) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(reply.json().path("data").path("value").asInt());
    }
}

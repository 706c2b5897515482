package dev.raftkv.testkit;

import dev.raftkv.model.Command;
import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.Command.OfConsul.Mode;
import dev.raftkv.model.Compare;
import dev.raftkv.model.ConsulOp;
import dev.raftkv.model.ConsulSession;
import dev.raftkv.model.Counter;
import dev.raftkv.model.HistoryLimits;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Precondition.Match;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.RequestId;
import dev.raftkv.model.Session;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Value;
import dev.raftkv.model.Write;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;

/** Writes of all kinds on few keys, so that they meet. */
public final class RandomWrites {
    private static final int KEYS = 12;
    private static final int REQUESTS = 40;

    private final Random random;
    private final List<UUID> sessions = new ArrayList<>();
    private final boolean timed;
    private boolean consul;

    /** @param timed whether keys expire, for which the model has to know the cluster's time */
    public RandomWrites(Random random, boolean timed) {
        this.random = random;
        this.timed = timed;
    }

    /** From now on as Consul's interface makes them, too. */
    public void withConsul() {
        consul = true;
    }

    /** @param revision about which the preconditions and compares are */
    public Write next(long revision) {
        if (consul && random.nextInt(3) == 0) {
            return Write.of(consul(revision));
        }
        int kind = random.nextInt(100);
        if (kind < 10) {
            return new Write(new Command.Add(key(), by()), precondition(revision), requestId());
        } else if (kind < 15) {
            return new Write(
                    new Command.Append(Prefix.of("k/" + random.nextInt(2)), value(), ttl()),
                    Precondition.NONE,
                    requestId());
        } else if (kind < 40) {
            return new Write(new Command.Put(key(), value(), ttl()), precondition(revision), requestId());
        } else if (kind < 60) {
            return new Write(new Command.Delete(key()), precondition(revision), requestId());
        } else if (kind < 65) {
            return new Write(
                    new Command.DeleteRange(Prefix.of("k/" + random.nextInt(2))), Precondition.NONE, requestId());
        } else if (kind < 90) {
            Write write = new Write(txn(revision), Precondition.NONE, requestId());
            // One of two as earlier versions made them.
            return write.isNamedRead() && random.nextBoolean()
                    ? new Write(write.command(), write.precondition(), write.requestId(), true)
                    : write;
        } else if (kind < 93 && timed) {
            return Write.of(new Command.Expire());
        } else if (kind < 98 && timed) {
            return new Write(session(), Precondition.NONE, requestId());
        } else if (kind < 99 && timed) {
            return Write.of(new Command.Settings(new HistoryLimits(10_000, 16 << 20, random.nextBoolean())));
        }
        return Write.of(new Command.Announce("node1", "http://h:" + random.nextInt(10)));
    }

    /** The same id never comes again, as if a client gave it; but most sessions are few, so that they meet, too. */
    private Command session() {
        int kind = random.nextInt(10);
        if (sessions.isEmpty() || kind == 0) {
            UUID id = new UUID(random.nextLong(), random.nextLong());
            sessions.add(id);
            Session.Behavior behavior = random.nextBoolean() ? Session.Behavior.DELETE : Session.Behavior.RELEASE;
            return new Command.OfSession.Create(id, "s" + random.nextInt(3), 1000, behavior, random.nextInt(2) * 20L);
        }
        if (kind == 1) {
            return new Command.OfSession.End(
                    IntStream.range(0, 1 + random.nextInt(3))
                            .mapToObj(i -> someSession())
                            .toList(),
                    random.nextInt(3));
        }
        if (kind == 2) {
            return new Command.OfSession.Release(key(), value(), someSession());
        }
        if (kind > 7) {
            Prefix prefix = Prefix.of("k/" + random.nextInt(2));
            return new Command.OfSession.Slot(prefix, 1 + random.nextInt(3), value(), someSession());
        }
        return kind == 3
                ? new Command.OfSession.Delete(key(), someSession())
                : new Command.OfSession.Put(key(), value(), someSession());
    }

    private Command consul(long revision) {
        int kind = random.nextInt(20);
        if (kind == 0 || sessions.isEmpty()) {
            UUID id = new UUID(random.nextLong(), random.nextLong());
            sessions.add(id);
            Session.Behavior behavior = random.nextBoolean() ? Session.Behavior.DELETE : Session.Behavior.RELEASE;
            ConsulSession more =
                    new ConsulSession("node1", "15s", random.nextInt(3) * 10_400_000L, "\"NodeChecks\":[]");
            return new Command.OfSession.Create(id, "c", random.nextInt(2) * 20_000L, behavior, more);
        }
        if (kind == 1) {
            return new OfConsul.Open();
        }
        if (kind < 10) {
            return new OfConsul.Put(key(), anyValue(), random.nextInt(3), mode(revision));
        }
        if (kind < 13) {
            return new OfConsul.Delete(key(), someRevision(revision));
        }
        return new OfConsul.Txn(IntStream.range(0, 1 + random.nextInt(4))
                .mapToObj(i -> consulOp(revision))
                .toList());
    }

    private ConsulOp consulOp(long revision) {
        return switch (random.nextInt(14)) {
            case 0 -> new ConsulOp.Get(key(), random.nextInt(3) != 0);
            case 1 -> new ConsulOp.GetTree(prefix());
            case 2 -> new ConsulOp.CheckIndex(key(), Math.max(0, revision - random.nextInt(10)));
            case 3 ->
                new ConsulOp.CheckSession(
                        key(), random.nextInt(4) == 0 ? Optional.of(someSession()) : Optional.empty());
            case 4 -> new ConsulOp.CheckNotExists(key());
            case 5, 6 -> new ConsulOp.Delete(key(), someRevision(revision));
            case 7 -> new ConsulOp.DeleteTree(prefix());
            default -> new ConsulOp.Put(key(), anyValue(), random.nextInt(3), mode(revision));
        };
    }

    private Mode mode(long revision) {
        return switch (random.nextInt(8)) {
            case 0 -> new Mode.Cas(0);
            case 1 -> new Mode.Cas(revision - random.nextInt(10));
            case 2, 3 -> new Mode.Acquire(someSession());
            case 4 -> new Mode.Release(someSession());
            default -> new Mode.Plain();
        };
    }

    private OptionalLong someRevision(long revision) {
        return random.nextBoolean() ? OptionalLong.empty() : OptionalLong.of(revision - random.nextInt(10));
    }

    private Value anyValue() {
        return switch (random.nextInt(4)) {
            case 0 -> Value.ofBytes(new byte[] {(byte) 0xFF, 0});
            case 1 -> Value.ofBytes("1".getBytes(StandardCharsets.UTF_8));
            case 2 -> Value.NOTHING;
            default -> Value.of(value());
        };
    }

    private UUID someSession() {
        // One of the latest, of which some have ended.
        return sessions.get(Math.max(0, sessions.size() - 1 - random.nextInt(4)));
    }

    private Key key() {
        return key(random.nextInt(KEYS));
    }

    private static Key key(int number) {
        return Key.of("k/" + number);
    }

    private JsonText value() {
        String value = random.nextInt(8) == 0 ? "1.5" : Integer.toString(random.nextInt(5));
        return new JsonText(value.getBytes(StandardCharsets.UTF_8));
    }

    private Counter by() {
        return new Counter(BigInteger.valueOf(random.nextInt(7) - 3));
    }

    private long ttl() {
        return timed && random.nextInt(3) == 0 ? 1 + random.nextInt(50) : 0;
    }

    private Precondition precondition(long revision) {
        return switch (random.nextInt(6)) {
            case 0 -> new Precondition(Optional.of(Match.ANY), Optional.empty());
            case 1 -> new Precondition(Optional.empty(), Optional.of(Match.ANY));
            case 2 -> new Precondition(Optional.of(match(revision)), Optional.empty());
            case 3 -> new Precondition(Optional.empty(), Optional.of(match(revision)));
            default -> Precondition.NONE;
        };
    }

    private Match match(long revision) {
        return Match.of(IntStream.range(0, 1 + random.nextInt(10))
                .mapToObj(i -> Math.max(1, revision - i))
                .toList());
    }

    private Optional<RequestId> requestId() {
        return random.nextInt(4) != 0
                ? Optional.empty()
                : Optional.of(new RequestId("request" + random.nextInt(REQUESTS), "print" + random.nextInt(2)));
    }

    private Command txn(long revision) {
        List<Compare> compares = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            Compare.Operator operator = Compare.Operator.values()[random.nextInt(6)];
            compares.add(
                    switch (random.nextInt(sessions.isEmpty() ? 6 : 8)) {
                        case 6 ->
                            new Compare.Holder(
                                    key(),
                                    random.nextBoolean() ? Optional.of(someSession()) : Optional.empty(),
                                    random.nextBoolean());
                        case 7 -> new Compare.Token(key(), operator, Math.max(0, revision - random.nextInt(20)));
                        case 4 -> new Compare.Count(prefix(), operator, random.nextInt(4));
                        case 5 -> new Compare.Revisions(prefix(), operator, Math.max(0, revision - random.nextInt(20)));
                        case 0 -> new Compare.Existence(key(), random.nextBoolean());
                        case 1 -> new Compare.Value(key(), value(), random.nextBoolean());
                        case 2 -> new Compare.Revision(key(), operator, Math.max(0, revision - random.nextInt(10)));
                        default -> new Compare.Version(key(), operator, random.nextInt(4));
                    });
        }
        return new Command.Txn(compares, operations(), operations());
    }

    private List<TxnOp> operations() {
        List<TxnOp> operations = new ArrayList<>();
        int first = random.nextInt(KEYS);
        for (int i = random.nextInt(4); i > 0; i--) {
            if (random.nextInt(6) == 0) {
                operations.add(new TxnOp.GetRange(prefix(), random.nextInt(KEYS)));
            }
            // Each key once, as the interface demands of changes.
            Key key = key((first + i) % KEYS);
            operations.add(
                    switch (random.nextInt(sessions.isEmpty() ? 4 : 7)) {
                        case 4 -> new TxnOp.Take(key, value(), someSession());
                        case 5 -> new TxnOp.Release(key, value(), someSession());
                        case 6 -> new TxnOp.DeleteHeld(key, someSession());
                        case 0 -> new TxnOp.Put(key, value(), ttl());
                        case 1 -> new TxnOp.Add(key, by());
                        case 2 -> new TxnOp.Get(key);
                        default -> new TxnOp.Delete(key);
                    });
        }
        if (random.nextInt(8) == 0) {
            // Only keys that no other operation changes.
            int other = (first + KEYS - 1) % KEYS;
            if (other > 1) {
                operations.add(random.nextInt(operations.size() + 1), new TxnOp.DeleteRange(Prefix.of("k/" + other)));
            }
        }
        return operations;
    }

    private Prefix prefix() {
        int digit = random.nextInt(KEYS);
        return Prefix.of(digit == 0 ? "k" : "k/" + digit);
    }
}

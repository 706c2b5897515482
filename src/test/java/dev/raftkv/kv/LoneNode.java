package dev.raftkv.kv;

import dev.raftkv.model.Address;
import dev.raftkv.model.Birth;
import dev.raftkv.model.Code;
import dev.raftkv.model.DiskRoom;
import dev.raftkv.model.Identity;
import dev.raftkv.model.KvException;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A node as those see it who work for it beside its clients: a role, a term, and what a test does with what is proposed. */
abstract class LoneNode implements Replicator {
    abstract Role role();

    long term() {
        return 1;
    }

    @Override
    public CompletableFuture<Long> barrier() {
        throw nobodyAsks();
    }

    @Override
    public CompletableFuture<Long> readIndex() {
        throw nobodyAsks();
    }

    @Override
    public CompletableFuture<Long> leaderIndex() {
        throw nobodyAsks();
    }

    @Override
    public CompletableFuture<Void> leaderChange() {
        throw nobodyAsks();
    }

    private static KvException nobodyAsks() {
        return new KvException(Code.UNAVAILABLE, "nobody asks");
    }

    @Override
    public boolean holdsLease() {
        return false;
    }

    @Override
    public Optional<DiskRoom> disk() {
        return Optional.empty();
    }

    @Override
    public NodeStatus status() {
        return new NodeStatus(
                "node1",
                role(),
                term(),
                1,
                1,
                1,
                1,
                -1,
                -1,
                OptionalLong.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new Identity("node1", new Address("127.0.0.1", 1), Birth.first(false, new UUID(0, 1)), List.of()));
    }
}

package dev.raftkv.raft.disk;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.ConsulOp;
import dev.raftkv.model.DiskRoom;
import dev.raftkv.model.KvException;
import dev.raftkv.model.TxnOp;
import dev.raftkv.raft.ratis.PeerName;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much room a node's disk has, and what may still be written there. Below the configured limit only what may make room
 * or holds others up: removals, expiries, barriers and the end of a restore. Below a quarter of it nothing, so that there is room
 * to close and open the store, but that a restore is given up: what it has brought goes with that alone.
 */
public final class DiskSpace {
    private static final Logger LOG = LoggerFactory.getLogger(DiskSpace.class);
    private static final int FLOORS = 4;

    private enum Level {
        ENOUGH("enough again"),
        LOW("low: only removals are taken"),
        OUT("almost gone: nothing is taken");

        private final String meaning;

        Level(String meaning) {
            this.meaning = meaning;
        }
    }

    private final NodeConfig config;
    private final PeerName name;
    private volatile Level level = Level.ENOUGH;
    private volatile Optional<DiskRoom> room = Optional.empty();

    public DiskSpace(NodeConfig config, PeerName name) {
        this.config = config;
        this.name = name;
    }

    public void free(long bytes) {
        long limit = config.storage().minFreeBytes();
        room = Optional.of(new DiskRoom(bytes, limit));
        Level now = bytes >= limit ? Level.ENOUGH : bytes >= limit / FLOORS ? Level.LOW : Level.OUT;
        if (now != level) {
            LOG.warn("node {}: free disk space is {}", name, now.meaning);
        }
        level = now;
    }

    /** What was seen last; empty before the first look. */
    public Optional<DiskRoom> room() {
        return room;
    }

    public boolean isEnough() {
        return level == Level.ENOUGH;
    }

    /** Why the node does not take all writes, if so. */
    public Optional<String> problem() {
        long mib = config.storage().minFreeBytes() >> 20;
        return switch (level) {
            case ENOUGH -> Optional.empty();
            case LOW ->
                Optional.of("the disk of " + config.dataDirectory() + " has less than " + mib
                        + " MB left (RAFT_MIN_FREE_DISK_MB)");
            case OUT ->
                Optional.of("the disk of " + config.dataDirectory() + " has less than a quarter of " + mib
                        + " MB left (RAFT_MIN_FREE_DISK_MB)");
        };
    }

    /** Why the command is not taken, if so. */
    public Optional<KvException> refusal(Command command) {
        if (level == Level.ENOUGH
                || level == Level.LOW && command.accept(new NeedsNoRoom())
                || command instanceof Command.Restore.Abort) {
            return Optional.empty();
        }
        String wayOut = level == Level.LOW ? "remove keys, or free some space" : "free some space";
        return problem().map(problem -> new KvException(Code.NO_SPACE, problem + ": nothing was changed; " + wayOut));
    }

    /** Whether a command stores nothing of its client's. */
    private static final class NeedsNoRoom implements Command.Visitor<Boolean> {
        @Override
        public Boolean put(Command.Put put) {
            return false;
        }

        @Override
        public Boolean delete(Command.Delete delete) {
            return true;
        }

        @Override
        public Boolean add(Command.Add add) {
            return false;
        }

        @Override
        public Boolean append(Command.Append append) {
            return false;
        }

        @Override
        public Boolean deleteRange(Command.DeleteRange range) {
            return true;
        }

        @Override
        public Boolean txn(Command.Txn txn) {
            return !txn.has(TxnOp.Put.class)
                    && !txn.has(TxnOp.Add.class)
                    && !txn.has(TxnOp.Take.class)
                    && !txn.has(TxnOp.Release.class);
        }

        @Override
        public Boolean expire(Command.Expire expire) {
            return true;
        }

        @Override
        public Boolean barrier(Command.Barrier barrier) {
            return true;
        }

        @Override
        public Boolean restore(Command.Restore restore) {
            return restore instanceof Command.Restore.Switch || restore instanceof Command.Restore.Abort;
        }

        @Override
        public Boolean session(Command.OfSession step) {
            return step instanceof Command.OfSession.End || step instanceof Command.OfSession.Delete;
        }

        @Override
        public Boolean consul(Command.OfConsul step) {
            return step instanceof Command.OfConsul.Open
                    || step instanceof Command.OfConsul.Delete
                    || step instanceof Command.OfConsul.Txn txn
                            && txn.operations().stream().noneMatch(ConsulOp.Put.class::isInstance);
        }

        @Override
        public Boolean announce(Command.Announce announce) {
            return true;
        }

        @Override
        public Boolean settings(Command.Settings settings) {
            return true;
        }
    }
}

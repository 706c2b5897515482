package dev.raftkv.raft.members;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.kv.Replicator;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Write;
import dev.raftkv.raft.group.CurrentGroup;
import dev.raftkv.raft.ratis.Pause;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.ratis.RaftErrors;
import dev.raftkv.raft.wire.Wire;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.ConfiguredRoles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replicates where the members answer HTTP, as part of a join: whichever of them leads next, the others can send clients to
 * it. Members that cannot be asked announce themselves later.
 */
public final class Announcement {
    private static final Logger LOG = LoggerFactory.getLogger(Announcement.class);

    /** A member that has just been added answers when it has seen that it is one. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final NodeConfig config;
    private final PeerName own;
    private final CurrentGroup group;
    private final Replicator replicator;
    private final Wire wire;

    public Announcement(NodeConfig config, PeerName own, CurrentGroup group, Replicator replicator, Wire wire) {
        this.config = config;
        this.own = own;
        this.group = group;
        this.replicator = replicator;
        this.wire = wire;
    }

    /**
     * Asks the new member, and those of the others whose address is not known; blocks until all of it is committed.
     *
     * @return the ids of the members that could not be asked
     * @throws KvException {@code OUTCOME_UNKNOWN} if the commit was not seen: the node is a member nevertheless
     */
    List<String> replicate(RaftServer.Division division, PeerName joined) {
        List<String> unknown = new ArrayList<>();
        for (RaftPeer peer : Roster.of(division).all()) {
            PeerName member = PeerName.of(peer.getId());
            Optional<String> known = known(member);
            Optional<String> current = known.isPresent() && !member.equals(joined) ? known : address(division, member);
            if (current.isEmpty()) {
                unknown.add(member.nodeId());
            } else if (!current.equals(known)) {
                write(member, current.get());
            }
        }
        return unknown;
    }

    private Optional<String> known(PeerName member) {
        return group.machine().flatMap(machine -> machine.store().httpAddress(member.nodeId()));
    }

    private Optional<String> address(RaftServer.Division division, PeerName member) {
        if (member.equals(own)) {
            return Optional.of(config.httpAddress());
        }
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (PeerClient client = PeerClient.connect(wire, member.address())) {
                return Optional.of(client.httpAddress(division.getMemberId().getGroupId(), member));
            } catch (IOException e) {
                if (System.nanoTime() - deadline > 0) {
                    LOG.info("{} did not say where it answers HTTP: {}", member, e.toString());
                    return Optional.empty();
                }
            }
            // An entry, with which it hears of the commit before: a heartbeat may be long in coming.
            replicator.barrier();
            // A learner answers nothing before its leader knows that it has caught up.
            ConfiguredRoles.settle(division);
            try {
                Pause.millis(50);
            } catch (IOException e) {
                return Optional.empty();
            }
        }
    }

    private void write(PeerName member, String address) {
        Write announce = Write.of(new Command.Announce(member.nodeId(), address));
        try {
            replicator.write(announce).get(config.timeouts().write().toMillis() * 2, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unknown(member, e);
        } catch (ExecutionException | TimeoutException e) {
            throw unknown(member, e);
        }
    }

    private static KvException unknown(PeerName member, Exception cause) {
        return new KvException(
                Code.OUTCOME_UNKNOWN,
                "the node is a member, but where " + member.nodeId() + " answers HTTP may not be known to all others ("
                        + RaftErrors.unwrap(cause).getMessage() + "): repeat the request, which changes nothing else",
                cause);
    }
}

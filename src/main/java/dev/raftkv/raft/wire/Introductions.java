package dev.raftkv.raft.wire;

import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.proto.RaftProtos.GroupInfoReplyProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/**
 * Members that this node's log does not tell of yet, because it is behind: those that it knows are asked for them. Without
 * that a node that was away while another came and began to lead could never follow it. Thread-safe.
 */
final class Introductions {
    private static final int MOST = 64;

    private final Wire wire;
    private final PeerName own;
    private final long callMillis;
    private final Executor tasks;
    private final Set<ByteString> introduced = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile ByteString group = ByteString.EMPTY;
    private volatile long nextAsking = System.nanoTime();

    /** @param tasks may wait for other nodes; one at a time */
    Introductions(Wire wire, PeerName own, long callMillis, Executor tasks) {
        this.wire = wire;
        this.own = own;
        this.callMillis = callMillis;
        this.tasks = tasks;
    }

    boolean knows(RaftServer.Division division, ByteString stranger) {
        return group.equals(groupOf(division)) && introduced.contains(stranger);
    }

    /** Begins to ask, if nobody is asked yet; what is learnt counts when the stranger comes again. */
    void askFor(RaftServer.Division division, ByteString stranger) {
        if (nextAsking - System.nanoTime() > 0 || !asking.compareAndSet(false, true)) {
            return;
        }
        List<PeerName> members = PeerName.allOf(division.getRaftConf()).stream()
                .map(RaftPeer::getId)
                .filter(id -> !id.toByteString().equals(stranger))
                .map(PeerName::of)
                .filter(member -> !member.equals(own))
                .toList();
        try {
            tasks.execute(() -> {
                try {
                    ask(members, groupOf(division), stranger);
                } finally {
                    nextAsking = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(callMillis / 4);
                    asking.set(false);
                }
            });
        } catch (RejectedExecutionException e) {
            asking.set(false);
        }
    }

    private void ask(List<PeerName> members, ByteString of, ByteString stranger) {
        for (PeerName member : members) {
            try (Line line = wire.dial(member)) {
                GroupInfoReplyProto info = (GroupInfoReplyProto)
                        line.call(Kind.WHO, wire.head(member.toString(), of).build(), callMillis);
                if (info.getGroup().getGroupId().getId().equals(of)
                        && info.getGroup().getPeersList().stream()
                                .anyMatch(peer -> Objects.equals(peer.getId(), stranger))) {
                    introduce(of, stranger);
                    return;
                }
            } catch (IOException e) {
                // The next may answer, or the same the next time.
            }
        }
    }

    private synchronized void introduce(ByteString to, ByteString stranger) {
        if (!group.equals(to) || introduced.size() == MOST) {
            introduced.clear();
            group = to;
        }
        introduced.add(stranger);
    }

    private static ByteString groupOf(RaftServer.Division division) {
        return division.getMemberId().getGroupId().toByteString();
    }
}

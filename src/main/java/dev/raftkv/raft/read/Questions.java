package dev.raftkv.raft.read;

import dev.raftkv.raft.log.Understanding;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.wire.Kind;
import dev.raftkv.raft.wire.Line;
import dev.raftkv.raft.wire.MemberConnection;
import dev.raftkv.raft.wire.Wire;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.thirdparty.com.google.protobuf.Int64Value;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;

/**
 * Asks other members on behalf of reads: those only that understand it, by the connections that are there. One that leaves
 * some questions unanswered is not asked more. Nothing waits here. Thread-safe.
 */
final class Questions {
    private static final int MOST_UNANSWERED = 4;

    private final Wire wire;
    private final Understanding understanding;
    private final Map<RaftPeerId, AtomicInteger> unanswered = new ConcurrentHashMap<>();

    Questions(Wire wire, Understanding understanding) {
        this.wire = wire;
        this.understanding = understanding;
    }

    /**
     * What a member answers, see {@link #number}; empty if it cannot be asked now.
     *
     * @param kind one of those that are answered with a number
     * @return as {@link MemberConnection#ask} says
     */
    Optional<CompletableFuture<MessageLite>> ask(RaftPeerId member, Kind kind, RaftGroupId group) {
        Optional<MemberConnection> known = wire.to(member);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        MemberConnection connection = known.get();
        if (!connection.isOpen()) {
            connection.prepare();
            return Optional.empty();
        }
        PeerName name = PeerName.of(member);
        AtomicInteger open = unanswered.computeIfAbsent(member, id -> new AtomicInteger());
        // Of those that begin at the same moment some may be too many, which is no matter.
        if (open.get() >= MOST_UNANSWERED || !understanding.answersReads(name)) {
            return Optional.empty();
        }
        Optional<CompletableFuture<MessageLite>> asked = connection.ask(
                kind, wire.head(member.toString(), group.toByteString()).build());
        asked.ifPresent(answer -> {
            open.incrementAndGet();
            answer.whenComplete((message, failure) -> {
                open.decrementAndGet();
                if (Line.isBroken(failure)) {
                    understanding.doubt(name);
                }
            });
        });
        return asked;
    }

    static long number(MessageLite answer) {
        return ((Int64Value) answer).getValue();
    }
}

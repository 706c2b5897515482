package dev.raftkv.raft.wire;

import dev.raftkv.raft.look.Heirs;
import dev.raftkv.raft.look.VoteWatch;
import dev.raftkv.raft.ratis.JoinedGroup;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.wire.Admission.Admitted;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.GroupInfoReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftGroupProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.Int64Value;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.thirdparty.com.google.protobuf.StringValue;
import org.apache.ratis.util.LifeCycle;

/** Does what other nodes ask for, if they are admitted. Thread-safe. */
final class Answers {
    private final RaftServer server;
    private final OwnServer own;
    private final Admission admission;
    private final VoteWatch votes;
    private final Heirs heirs;

    /**
     * @param server to hand Raft's own messages to
     * @param own to enter and leave groups with
     * @param votes is told of those that this node is asked for
     * @param heirs says who may stand when the leader has gone
     */
    Answers(RaftServer server, OwnServer own, Admission admission, VoteWatch votes, Heirs heirs) {
        this.server = server;
        this.own = own;
        this.admission = admission;
        this.votes = votes;
        this.heirs = heirs;
    }

    /**
     * May wait for the disk; an answer that waits for it longer comes later.
     *
     * @param name whom the certificate of the connection names; empty without TLS
     * @throws Frames.Refused if it is not admitted
     */
    CompletableFuture<? extends MessageLite> answer(Kind kind, MessageLite request, Optional<String> name)
            throws IOException {
        Admitted admitted = admission.admit(kind, request, name);
        return switch (kind) {
            case APPEND -> server.appendEntriesAsync((AppendEntriesRequestProto) request);
            case VOTE -> {
                RequestVoteRequestProto vote = (RequestVoteRequestProto) request;
                yield done(votes.isAsked(vote, admitted.division(), () -> server.requestVote(vote)));
            }
            case SNAPSHOT -> done(server.installSnapshot((InstallSnapshotRequestProto) request));
            case ELECT -> done(server.startLeaderElection((StartLeaderElectionRequestProto) request));
            case TERM -> done(number(term(admitted.division().orElseThrow())));
            case READ_INDEX -> group(admitted).readIndex(admitted.requestor()).thenApply(Answers::number);
            case GONE -> {
                boolean allowed = heirs.allows(
                        (RequestVoteRequestProto) request, admitted.division().orElseThrow());
                yield done(number(allowed ? 1 : 0));
            }
            case WHO -> done(who());
            case ENTER ->
                done(enter(
                        RaftGroupId.valueOf(Kind.head(request).getRaftGroupId().getId())));
            case PREPARE -> group(admitted).prepareJoin(admitted.requestor()).thenApply(Answers::number);
            case LEAVE -> done(leave(admitted));
            case WHERE ->
                done(StringValue.newBuilder()
                        .setValue(group(admitted).httpAddress())
                        .build());
        };
    }

    private static CompletableFuture<MessageLite> done(MessageLite answer) {
        return CompletableFuture.completedFuture(answer);
    }

    private static JoinedGroup group(Admitted admitted) {
        return (JoinedGroup) admitted.division().orElseThrow().getStateMachine();
    }

    private static Int64Value number(long number) {
        return Int64Value.newBuilder().setValue(number).build();
    }

    /**
     * The term by which this node would refuse the entries of an earlier one. It is never behind that on the disk; but a
     * division that is just opened has not read that yet.
     */
    private static long term(RaftServer.Division division) throws IOException {
        DivisionInfo info = division.getInfo();
        if (info.getLifeCycleState() != LifeCycle.State.RUNNING) {
            throw new IOException("its part in the group is " + info.getLifeCycleState() + ", and tells no term");
        }
        return info.getCurrentTerm();
    }

    private GroupInfoReplyProto who() throws IOException {
        GroupInfoReplyProto.Builder answer = GroupInfoReplyProto.newBuilder().setRpcReply(reply());
        for (RaftGroupId held : server.getGroupIds()) {
            RaftServer.Division division = server.getDivision(held);
            RaftGroupProto.Builder group = RaftGroupProto.newBuilder()
                    .setGroupId(RaftGroupIdProto.newBuilder().setId(held.toByteString()));
            for (RaftPeer peer : PeerName.allOf(division.getRaftConf())) {
                group.addPeers(peer.getRaftPeerProto());
            }
            answer.setGroup(group);
        }
        return answer.build();
    }

    private RaftRpcReplyProto reply() {
        return RaftRpcReplyProto.newBuilder()
                .setReplyId(own.name().id().toByteString())
                .setSuccess(true)
                .build();
    }

    /** An earlier join may have come as far as this. */
    private RaftRpcReplyProto enter(RaftGroupId group) throws IOException {
        Iterator<RaftGroupId> held = server.getGroupIds().iterator();
        if (held.hasNext()) {
            if (held.next().equals(group)) {
                return reply();
            }
            throw new Frames.Refused(Traffic.Reason.RULES, own.name() + " holds a group already");
        }
        own.add(RaftGroup.valueOf(group));
        return reply();
    }

    private RaftRpcReplyProto leave(Admitted admitted) throws IOException {
        group(admitted).checkLeave(admitted.requestor());
        own.drop(admitted.division().orElseThrow().getMemberId().getGroupId());
        return reply();
    }
}

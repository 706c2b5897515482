package dev.raftkv.raft.wire;

import dev.raftkv.raft.wire.Frames.Refused;
import dev.raftkv.raft.wire.Traffic.Reason;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.GroupInfoReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcReplyProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedInputStream;
import org.apache.ratis.thirdparty.com.google.protobuf.Int64Value;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.thirdparty.com.google.protobuf.Parser;
import org.apache.ratis.thirdparty.com.google.protobuf.StringValue;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBuf;

/** All that nodes may ask of each other. Numbers are added, never reused. */
public enum Kind {
    VOTE(1, RequestVoteRequestProto.parser(), RequestVoteReplyProto.parser()),
    /** Entries, or none: a heartbeat. */
    APPEND(2, AppendEntriesRequestProto.parser(), AppendEntriesReplyProto.parser()),
    /** A part of a snapshot. */
    SNAPSHOT(3, InstallSnapshotRequestProto.parser(), InstallSnapshotReplyProto.parser()),
    /** The leader hands over. */
    ELECT(4, StartLeaderElectionRequestProto.parser(), StartLeaderElectionReplyProto.parser()),
    /** Which term are you in? Not of members older than {@code log_level} 3, which close the connection. */
    TERM(5, RaftRpcRequestProto.parser(), Int64Value.parser()),
    /** You lead: up to which index is all that was acknowledged before this question? Of whom as {@link #TERM}. */
    READ_INDEX(6, RaftRpcRequestProto.parser(), Int64Value.parser()),
    /** The leader has gone: may I stand? 1 for yes. Of whom as {@link #TERM}. */
    GONE(7, RequestVoteRequestProto.parser(), Int64Value.parser()),

    /** Who are you, and which group do you hold? */
    WHO(16, RaftRpcRequestProto.parser(), GroupInfoReplyProto.parser()),
    /** Take no more writes for a while, and tell how many keys you hold. */
    PREPARE(17, RaftRpcRequestProto.parser(), Int64Value.parser()),
    /** Leave your group. */
    LEAVE(18, RaftRpcRequestProto.parser(), RaftRpcReplyProto.parser()),
    /** Hold this group, without data and without a say until its leader adds you. */
    ENTER(19, RaftRpcRequestProto.parser(), RaftRpcReplyProto.parser()),
    /** Where do you answer HTTP? */
    WHERE(20, RaftRpcRequestProto.parser(), StringValue.parser());

    private final int number;
    private final Parser<? extends MessageLite> request;
    private final Parser<? extends MessageLite> reply;

    Kind(int number, Parser<? extends MessageLite> request, Parser<? extends MessageLite> reply) {
        this.number = number;
        this.request = request;
        this.reply = reply;
    }

    /** Below 64, the same in all versions. */
    int number() {
        return number;
    }

    /** What is said inside a group. */
    boolean isOfRaft() {
        return number < WHO.number;
    }

    /** Whether it waits for no other request of its connection, and none for it. */
    boolean isOfReads() {
        return this == TERM || this == READ_INDEX;
    }

    static Optional<Kind> of(int number) {
        for (Kind kind : values()) {
            if (kind.number == number) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }

    /** For metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    MessageLite readRequest(ByteBuf body) throws IOException {
        return read(request, body);
    }

    MessageLite readReply(ByteBuf body) throws IOException {
        return read(reply, body);
    }

    /** From where the bytes are: protobuf copies those of each entry, and keeps no others. */
    private static MessageLite read(Parser<? extends MessageLite> parser, ByteBuf body) throws IOException {
        try {
            CodedInputStream in = CodedInputStream.newInstance(body.nioBuffer());
            MessageLite message = parser.parseFrom(in);
            // A tag that ends a group ends what is read, wherever it stands: a Java object begins with one.
            in.checkLastTagWas(0);
            return message;
        } catch (InvalidProtocolBufferException e) {
            Refused refused = new Refused(Reason.GARBAGE, "a message that cannot be read (" + e.getMessage() + ")");
            refused.initCause(e);
            throw refused;
        }
    }

    /** Who asks, whom, and about which group. */
    static RaftRpcRequestProto head(MessageLite request) {
        if (request instanceof AppendEntriesRequestProto append) {
            return append.getServerRequest();
        }
        if (request instanceof RequestVoteRequestProto vote) {
            return vote.getServerRequest();
        }
        if (request instanceof InstallSnapshotRequestProto snapshot) {
            return snapshot.getServerRequest();
        }
        if (request instanceof StartLeaderElectionRequestProto election) {
            return election.getServerRequest();
        }
        return (RaftRpcRequestProto) request;
    }
}

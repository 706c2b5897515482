package dev.raftkv.raft.wire;

import dev.raftkv.raft.ratis.JoinedGroup;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.wire.Frames.Refused;
import dev.raftkv.raft.wire.Traffic.Reason;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.ratis.proto.RaftProtos.FileChunkProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;

/** Decides which requests are listened to, by who sends them and what is in them. Nothing was done for those that are not. */
final class Admission {
    /** What a request is about, once it is admitted. */
    record Admitted(PeerName requestor, Optional<RaftServer.Division> division) {}

    private static final int MOST_NAME_BYTES = 600;
    private static final Pattern NODE_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9-]{1,100}");
    private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}");

    private final RaftServer server;
    private final PeerName own;
    private final Introductions introductions;
    private volatile Sender lastSender;

    /**
     * Who has sent entries, as long as it says the same of itself and the members are those of then: it is the leader, and
     * looking at it anew for each message would cost a follower a good part of the message's time.
     */
    private record Sender(
            RaftRpcRequestProto head,
            Optional<String> name,
            RaftConfiguration members,
            PeerName sender,
            WeakReference<RaftServer.Division> to) {
        /** What it is admitted to, if this is the same again. */
        Optional<Admitted> admitted(RaftRpcRequestProto other, Optional<String> by) {
            RaftServer.Division division = to.get();
            boolean same = division != null
                    && members == division.getRaftConf()
                    && head.getRequestorId().equals(other.getRequestorId())
                    && head.getReplyId().equals(other.getReplyId())
                    && head.getRaftGroupId()
                            .getId()
                            .equals(other.getRaftGroupId().getId())
                    && name.equals(by);
            return same ? Optional.of(new Admitted(sender, Optional.of(division))) : Optional.empty();
        }
    }

    Admission(RaftServer server, PeerName own, Introductions introductions) {
        this.server = server;
        this.own = own;
        this.introductions = introductions;
    }

    /**
     * @param name whom the certificate of the connection names; empty without TLS
     * @throws Refused if it is not admitted
     */
    Admitted admit(Kind kind, MessageLite request, Optional<String> name) throws IOException {
        RaftRpcRequestProto head = Kind.head(request);
        Sender last = lastSender;
        if ((kind == Kind.APPEND || kind == Kind.TERM) && last != null) {
            Optional<Admitted> again = last.admitted(head, name);
            if (again.isPresent()) {
                return again.get();
            }
        }
        PeerName requestor = requestor(head, name);
        if (kind == Kind.WHO) {
            return new Admitted(requestor, Optional.empty());
        }
        if (requestor.nodeId().equals(own.nodeId())) {
            throw new Refused(Reason.ADDRESS, "it says that it is this node itself, " + requestor);
        }
        if (!head.getReplyId().toStringUtf8().equals(own.toString())) {
            throw new Refused(
                    Reason.ADDRESS,
                    "a message of " + requestor + " is for another node, and this is " + own
                            + ": is its RAFT_HOST or RAFT_PORT also that of another?");
        }
        if (kind == Kind.ENTER) {
            return new Admitted(requestor, Optional.empty());
        }
        RaftServer.Division division = division(head, requestor);
        if (kind != Kind.PREPARE && kind != Kind.LEAVE && !isToldOfItsRemoval(kind, division)) {
            checkMember(division, head.getRequestorId(), requestor);
        }
        if (kind == Kind.ELECT && !isLeader(division, head.getRequestorId())) {
            throw new Refused(
                    Reason.RULES, requestor + " wants this node to stand for election, and is not its leader");
        }
        if (request instanceof InstallSnapshotRequestProto snapshot) {
            checkFiles(snapshot);
        }
        Admitted admitted = new Admitted(requestor, Optional.of(division));
        RaftConfiguration members = division.getRaftConf();
        if (kind == Kind.APPEND && isIn(members, head.getRequestorId())) {
            lastSender = new Sender(head, name, members, requestor, new WeakReference<>(division));
        }
        return admitted;
    }

    private PeerName requestor(RaftRpcRequestProto head, Optional<String> name) throws Refused {
        if (head.getRequestorId().size() > MOST_NAME_BYTES) {
            throw new Refused(Reason.ADDRESS, "its name is too long");
        }
        String claimed = head.getRequestorId().toStringUtf8();
        PeerName requestor = PeerName.parse(claimed)
                .filter(peer -> NODE_ID.matcher(peer.nodeId()).matches())
                .orElseThrow(() -> new Refused(Reason.ADDRESS, "it gives no name of a node for itself"));
        if (name.isPresent() && !name.get().equals(requestor.nodeId())) {
            throw new Refused(
                    Reason.CERTIFICATE,
                    "it says that it is " + requestor + ", but its certificate is that of " + name.get()
                            + ": a node's certificate has its RAFT_NODE_ID as CN");
        }
        return requestor;
    }

    /** Compares bytes: Ratis remembers each id that is made of some, for good. */
    private RaftServer.Division division(RaftRpcRequestProto head, PeerName requestor) throws IOException {
        for (RaftGroupId held : server.getGroupIds()) {
            if (held.toByteString().equals(head.getRaftGroupId().getId())) {
                return server.getDivision(held);
            }
        }
        throw new Refused(
                Reason.ADDRESS, "a message of " + requestor + " is for a group that " + own + " does not hold");
    }

    /**
     * What a node that has just come knows of its group is old, or nothing: it takes a certificate's word, if there is one,
     * until it has seen that it is a member.
     */
    private void checkMember(RaftServer.Division division, ByteString id, PeerName requestor) throws Refused {
        if (isIn(division.getRaftConf(), id)
                || !((JoinedGroup) division.getStateMachine()).isMember()
                || introductions.knows(division, id)) {
            return;
        }
        introductions.askFor(division, id);
        throw new Refused(
                Reason.MEMBERSHIP,
                requestor + " is no member of the group of " + own
                        + ", as far as this node knows; it asks the members that it"
                        + " knows. If none of those is left: remove " + own.nodeId()
                        + " from its cluster, move its data directory away, start it and join it");
    }

    private static boolean isIn(RaftConfiguration members, ByteString id) {
        return PeerName.allOf(members).stream()
                .anyMatch(peer -> peer.getId().toByteString().equals(id));
    }

    /** Who was removed while it was away asks for votes. Ratis gives it none, changes nothing, and a leader tells it. */
    private static boolean isToldOfItsRemoval(Kind kind, RaftServer.Division division) {
        return kind == Kind.VOTE && division.getInfo().isLeader();
    }

    private static boolean isLeader(RaftServer.Division division, ByteString id) {
        return division.getInfo().getLeaderId() != null
                && division.getInfo().getLeaderId().toByteString().equals(id);
    }

    /** Ratis makes paths of these. */
    private static void checkFiles(InstallSnapshotRequestProto request) throws Refused {
        if (!request.hasSnapshotChunk()) {
            throw new Refused(Reason.GARBAGE, "a part of a snapshot without anything in it");
        }
        if (!REQUEST_ID.matcher(request.getSnapshotChunk().getRequestId()).matches()) {
            throw new Refused(Reason.GARBAGE, "a part of a snapshot whose request id is none");
        }
        for (FileChunkProto file : request.getSnapshotChunk().getFileChunksList()) {
            List<String> parts = List.of(file.getFilename().split("/", -1));
            if (parts.size() < 2
                    || !parts.get(0).equals(RaftStorageDirectory.STATE_MACHINE_DIR_NAME)
                    || !parts.stream().allMatch(part -> FILE_NAME.matcher(part).matches())) {
                throw new Refused(Reason.GARBAGE, "a part of a snapshot with the name of a file that is none");
            }
        }
    }
}

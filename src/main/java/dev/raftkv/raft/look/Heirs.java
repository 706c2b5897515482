package dev.raftkv.raft.look;

import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * Whom this node lets stand for election when its leader's process has ended: whoever asks first, if this node finds the leader
 * gone too, and one at a time, so that votes are not split. It is no vote and binds nobody: what is wrong here costs an
 * election, and no more. Thread-safe.
 */
public final class Heirs {
    /** Connections of one process end within so much here and at whoever asks. */
    private static final long NOTICE_MILLIS = 50;

    private static final int CONNECT_MILLIS = 100;

    /**
     * One who wants to stand.
     *
     * @param term of the leader that has gone
     * @param last its last entry
     */
    public record Heir(String id, long term, TermIndex last) {
        /** Each two differ by this alone, so all choose alike. */
        boolean isBefore(Heir other) {
            int further = last.compareTo(other.last);
            return further > 0 || further == 0 && id.compareTo(other.id) < 0;
        }
    }

    /**
     * A leader, as one who follows it knows it.
     *
     * @param last the follower's last entry; null without one
     */
    record Followed(PeerName leader, long term, TermIndex last) {
        /** Empty if this node follows nobody, or the voters are just changing: then majorities of two sets would have to agree. */
        static Optional<Followed> by(RaftServer.Division division) {
            DivisionInfo info = division.getInfo();
            long term = info.getCurrentTerm();
            RaftPeerId leader = info.getLeaderId();
            boolean follows = info.isAlive()
                    && info.isFollower()
                    && leader != null
                    && division.getRaftConf().getPreviousPeers().isEmpty();
            return follows
                    ? Optional.of(new Followed(
                            PeerName.of(leader), term, division.getRaftLog().getLastEntryTermIndex()))
                    : Optional.empty();
        }
    }

    private final Callers callers;
    private final long promiseNanos;
    private final LongSupplier nanos;
    /** This node itself, while it asks. */
    private Heir self;

    private Heir chosen;
    private long chosenUntil;

    /**
     * @param election the shortest election timeout: so long it lets nobody else stand
     * @param nanos the time
     */
    public Heirs(Callers callers, Duration election, LongSupplier nanos) {
        this.callers = callers;
        this.promiseNanos = election.toNanos();
        this.nanos = nanos;
    }

    /** This node wants to stand and is about to ask the others; false if it lets another one. */
    public synchronized boolean begin(Heir own) {
        if (isAnotherChosen(own)) {
            return false;
        }
        self = own;
        return true;
    }

    /**
     * This node has asked them.
     *
     * @param stands whether it stands for election now, and lets nobody else
     */
    public synchronized void end(boolean stands) {
        if (stands) {
            promise(self);
        }
        self = null;
    }

    /**
     * Whether this node lets another one stand. May wait for a fifth of a second.
     *
     * @param request in the form of a vote, in the term of the leader
     */
    public boolean allows(RequestVoteRequestProto request, RaftServer.Division division) throws IOException {
        Heir heir = new Heir(
                request.getServerRequest().getRequestorId().toStringUtf8(),
                request.getCandidateTerm(),
                TermIndex.valueOf(request.getCandidateLastEntry()));
        Optional<Followed> followed = Followed.by(division);
        // The leader may have come back while this node looked for it.
        return followed.isPresent()
                && allows(heir, followed.get())
                && followed.map(Followed::leader).equals(Followed.by(division).map(Followed::leader));
    }

    boolean allows(Heir heir, Followed followed) throws IOException {
        boolean sameLeader = heir.term() == followed.term()
                && !heir.id().equals(followed.leader().toString());
        boolean wouldVote = followed.last() == null || followed.last().compareTo(heir.last()) <= 0;
        return sameLeader && wouldVote && isGone(followed.leader()) && choose(heir);
    }

    private boolean isGone(PeerName leader) throws IOException {
        try {
            return callers.isGoneWithin(leader.id().toByteString(), NOTICE_MILLIS) && isRefusedBy(leader);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while it waited for a connection to end");
        }
    }

    private synchronized boolean choose(Heir heir) {
        if (isAnotherChosen(heir) || self != null && !heir.isBefore(self)) {
            return false;
        }
        promise(heir);
        return true;
    }

    private void promise(Heir heir) {
        chosen = heir;
        chosenUntil = nanos.getAsLong() + promiseNanos;
    }

    private boolean isAnotherChosen(Heir heir) {
        return chosen != null
                && chosen.term() == heir.term()
                && !Objects.equals(chosen.id(), heir.id())
                && chosenUntil - nanos.getAsLong() > 0;
    }

    /** Whether nobody listens at a member's address. One that does not answer at all may belong to a node that lives. */
    public static boolean isRefusedBy(PeerName member) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(
                            member.address().host(), member.address().port()),
                    CONNECT_MILLIS);
            return false;
        } catch (ConnectException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}

package dev.raftkv.raft.look;

import dev.raftkv.codec.CommandCodec;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Member;
import dev.raftkv.raft.disk.LogSegment;
import dev.raftkv.raft.look.LoggedEntry.Commands;
import dev.raftkv.raft.look.LoggedEntry.Configuration;
import dev.raftkv.raft.look.LoggedEntry.Content;
import dev.raftkv.raft.look.LoggedEntry.Metadata;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;

/**
 * The entries of this node's log, as they are on its disk. Takes no lock of the log: Ratis keeps it locked while its disk
 * hangs, and who waits for a commit would wait for who looks. Thread-safe.
 */
public final class LogView {
    private static final int ATTEMPTS = 5;

    private final OwnServer server;
    private final Supplier<Optional<String>> idleReason;

    /** @param idleReason why this node serves nothing, if so */
    public LogView(OwnServer server, Supplier<Optional<String>> idleReason) {
        this.server = server;
        this.idleReason = idleReason;
    }

    /**
     * Some entries; waits for the disk.
     *
     * @throws KvException {@code PURGED} if the log begins later, {@code UNAVAILABLE} if there is no log to be read
     */
    public LogPage read(LogQuery query) {
        Optional<String> idle = idleReason.get();
        if (idle.isPresent()) {
            throw new KvException(Code.UNAVAILABLE, idle.get());
        }
        RaftServer.Division division = server.division()
                .orElseThrow(() -> new KvException(Code.UNAVAILABLE, "this node is starting: try again"));
        try {
            return readThoughPurged(query, division);
        } catch (IllegalStateException e) {
            throw new KvException(Code.UNAVAILABLE, "the Raft log of this node is not open now: try again", e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static LogPage readThoughPurged(LogQuery query, RaftServer.Division division) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return read(query, division);
            } catch (NoSuchFileException e) {
                // What was the beginning of the log when it was listed is gone now.
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static LogPage read(LogQuery query, RaftServer.Division division) throws IOException {
        RaftLog log = division.getRaftLog();
        // First, so that what is on the disk by then has its place in a file that is listed.
        long synced = log.getFlushIndex();
        Path directory =
                division.getRaftStorage().getStorageDir().getCurrentDir().toPath();
        List<LogSegment> segments = whole(directory, log, synced);
        long first = segments.isEmpty()
                ? Math.max(synced, log.getSnapshotIndex()) + 1
                : segments.get(0).first();
        LogBounds bounds = new LogBounds(
                first,
                Math.max(first - 1, synced),
                log.getLastCommittedIndex(),
                division.getInfo().getLastAppliedIndex());
        long from = begin(query, bounds);
        if (from < first) {
            throw KvException.purged(from, first);
        }
        long to = Math.min(bounds.last(), from + query.most() - 1);
        LogEntries entries = new LogEntries(directory, segments, from, to, query.newestFirst());
        entries.advance();
        return new LogPage(bounds, entries);
    }

    /** A file that is renamed while the directory is listed may be missing in the list. */
    private static List<LogSegment> whole(Path directory, RaftLog log, long synced) throws IOException {
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            List<LogSegment> segments = LogSegment.in(directory);
            if (isWhole(segments, log.getSnapshotIndex(), synced)) {
                return segments;
            }
        }
        throw new IOException("a part of it is missing");
    }

    static boolean isWhole(List<LogSegment> segments, long snapshot, long synced) {
        long next = -1;
        for (LogSegment segment : segments) {
            if (next < 0 ? segment.first() > snapshot + 1 : segment.first() != next) {
                return false;
            }
            next = segment.last().isPresent() ? segment.last().getAsLong() + 1 : Long.MAX_VALUE;
        }
        return Math.max(next - 1, snapshot) >= synced;
    }

    private static long begin(LogQuery query, LogBounds bounds) {
        return query.newestFirst()
                ? Math.max(bounds.first(), bounds.last() - query.most() + 1)
                : query.from().orElse(bounds.first());
    }

    /** The log goes on under its readers' feet. */
    static KvException unreadable(IOException failure) {
        return new KvException(
                Code.UNAVAILABLE,
                "the Raft log has just changed, or its files cannot be read (" + failure.getMessage() + "): try again",
                failure);
    }

    static LoggedEntry decode(LogEntryProto entry) {
        return new LoggedEntry(entry.getIndex(), entry.getTerm(), entry.getSerializedSize(), content(entry));
    }

    private static Content content(LogEntryProto entry) {
        return switch (entry.getLogEntryBodyCase()) {
            case STATEMACHINELOGENTRY ->
                new Commands(CommandCodec.decode(
                        entry.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer()));
            case CONFIGURATIONENTRY -> configuration(entry.getConfigurationEntry());
            case METADATAENTRY, LOGENTRYBODY_NOT_SET ->
                new Metadata(entry.getMetadataEntry().getCommitIndex());
        };
    }

    private static Configuration configuration(RaftConfigurationProto configuration) {
        return new Configuration(
                members(configuration.getPeersList(), configuration.getListenersList()),
                members(configuration.getOldPeersList(), configuration.getOldListenersList()));
    }

    /** By their names. */
    public static List<Member> members(List<RaftPeerProto> voters, List<RaftPeerProto> learners) {
        List<Member> members = new ArrayList<>();
        voters.forEach(peer -> members.add(member(peer, true)));
        learners.forEach(peer -> members.add(member(peer, false)));
        members.sort(Comparator.comparing(Member::nodeId));
        return List.copyOf(members);
    }

    private static Member member(RaftPeerProto peer, boolean voter) {
        PeerName name = PeerName.of(RaftPeerId.valueOf(peer.getId()));
        return new Member(name.nodeId(), name.address(), Optional.empty(), voter);
    }
}

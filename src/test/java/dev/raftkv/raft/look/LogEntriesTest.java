package dev.raftkv.raft.look;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.codec.CommandCodec;
import dev.raftkv.model.Address;
import dev.raftkv.model.Batch;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Member;
import dev.raftkv.model.Precondition;
import dev.raftkv.model.Precondition.Match;
import dev.raftkv.model.RequestId;
import dev.raftkv.model.Write;
import dev.raftkv.raft.disk.LogSegment;
import dev.raftkv.raft.look.LoggedEntry.Commands;
import dev.raftkv.raft.look.LoggedEntry.Configuration;
import dev.raftkv.raft.look.LoggedEntry.Metadata;
import dev.raftkv.raft.ratis.PeerName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.MetadataProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries are read from files as Ratis writes them, while it goes on. */
class LogEntriesTest {
    private static final long LAST = 1129;

    @TempDir
    Path directory;

    /** Three files: 5 to 9, 10 to 1009, and one that is written, of entries small and large. */
    @BeforeEach
    void write() throws IOException {
        write("log_5-9", 5, 9, 0);
        write("log_10-1009", 10, 1009, 0);
        write("log_inprogress_1010", 1010, LAST, 5000);
    }

    private void write(String name, long from, long to, int zeros) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes("RaftLog1".getBytes(StandardCharsets.US_ASCII));
        for (long index = from; index <= to; index++) {
            file.writeBytes(frame(metadata(index)));
        }
        file.writeBytes(new byte[zeros]);
        Files.write(directory.resolve(name), file.toByteArray());
    }

    /** Its commit index says which it is; each hundredth is longer than a buffer. */
    private static LogEntryProto metadata(long index) {
        LogEntryProto.Builder entry = LogEntryProto.newBuilder().setTerm(3).setIndex(index);
        if (index % 100 != 0) {
            return entry.setMetadataEntry(MetadataProto.newBuilder().setCommitIndex(index - 1))
                    .build();
        }
        JsonText large = new JsonText(("\"" + "x".repeat(100_000) + "\"").getBytes(StandardCharsets.UTF_8));
        Write put = Write.of(new Command.Put(Key.of("k" + index), large));
        return entry.setStateMachineLogEntry(StateMachineLogEntryProto.newBuilder()
                        .setLogData(ByteString.copyFrom(CommandCodec.entry(7, List.of(CommandCodec.encode(put))))))
                .build();
    }

    private static byte[] frame(LogEntryProto entry) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CodedOutputStream coded = CodedOutputStream.newInstance(out);
        coded.writeUInt32NoTag(entry.getSerializedSize());
        entry.writeTo(coded);
        coded.flush();
        CRC32C checksum = new CRC32C();
        checksum.update(out.toByteArray());
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
        return out.toByteArray();
    }

    private LogEntries entries(long from, long to, boolean down) throws IOException {
        return new LogEntries(directory, LogSegment.in(directory), from, to, down);
    }

    private static List<Long> indexes(LogEntries entries) {
        List<Long> indexes = new ArrayList<>();
        entries.forEachRemaining(entry -> {
            assertEquals(entry.index() % 100 != 0, entry.content() instanceof Metadata, entry::toString);
            indexes.add(entry.index());
        });
        return indexes;
    }

    private static List<Long> range(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    @Test
    void entriesOfSeveralFilesAreReadInTheirOrder() throws IOException {
        assertEquals(range(5, LAST), indexes(entries(5, LAST, false)));
        assertEquals(range(9, 10), indexes(entries(9, 10, false)));
        assertEquals(range(1000, 1015), indexes(entries(1000, 1015, false)));
        assertEquals(List.of(), indexes(entries(8, 7, false)));
    }

    @Test
    void andBackwards() throws IOException {
        List<Long> down = new ArrayList<>(range(8, LAST));
        java.util.Collections.reverse(down);
        assertEquals(down, indexes(entries(8, LAST, true)));
    }

    /** Cut by a new leader, or not written yet. */
    @Test
    void whereTheFileEndsTheLogDoes() throws IOException {
        assertEquals(range(LAST - 1, LAST), indexes(entries(LAST - 1, LAST + 50, false)));
        assertEquals(List.of(LAST, LAST - 1), indexes(entries(LAST - 1, LAST + 50, true)));
        assertEquals(List.of(), indexes(entries(LAST + 1, LAST + 50, false)));
    }

    @Test
    void aFileThatGetsItsLastNameMeanwhileIsFound() throws IOException {
        LogEntries up = entries(1009, 1020, false);
        LogEntries begun = entries(1010, 1020, false);
        begun.next();
        Files.move(directory.resolve("log_inprogress_1010"), directory.resolve("log_1010-" + LAST));
        assertEquals(range(1009, 1020), indexes(up));
        assertEquals(range(1011, 1020), indexes(begun));
    }

    @Test
    void whatIsPurgedMeanwhileIsToldAndNotInvented() throws IOException {
        LogEntries begun = entries(5, 20, false);
        begun.next();
        Files.delete(directory.resolve("log_5-9"));
        KvException told = assertThrows(KvException.class, begun::next);
        assertEquals(Code.UNAVAILABLE, told.code());
    }

    @Test
    void whatIsPurgedBeforeItIsReadDownToEndsTheReading() throws IOException {
        LogEntries begun = entries(5, 12, true);
        LogEntries within = entries(5, 9, true);
        begun.next();
        within.next();
        Files.delete(directory.resolve("log_5-9"));
        assertEquals(List.of(11L, 10L), indexes(begun));
        assertEquals(List.of(), indexes(within));
        LogEntries late = entries(5, 9, true);
        assertFalse(late.hasNext());
    }

    @Test
    void aDamagedEntryIsNotShown() throws IOException {
        Path file = directory.resolve("log_5-9");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 6] ^= 1;
        Files.write(file, bytes);
        LogEntries entries = entries(8, 9, false);
        entries.next();
        String told = assertThrows(KvException.class, entries::next).getMessage();
        assertTrue(told.contains("no whole entry") && told.endsWith("try again"), told);
    }

    @Test
    void anEntryIsDecodedToWhatItIsAbout() {
        PeerName a = new PeerName("a", new Address("127.0.0.1", 1111));
        PeerName b = new PeerName("b", new Address("127.0.0.1", 1112));
        LogEntryProto.Builder entry = LogEntryProto.newBuilder().setTerm(3).setIndex(9);
        LogEntryProto joint = entry.setConfigurationEntry(RaftConfigurationProto.newBuilder()
                        .addPeers(b.peer().getRaftPeerProto())
                        .addListeners(a.peer().getRaftPeerProto())
                        .addOldPeers(b.peer().getRaftPeerProto()))
                .build();
        Member voter = new Member("b", b.address(), Optional.empty(), true);
        assertEquals(
                new LoggedEntry(
                        9,
                        3,
                        joint.getSerializedSize(),
                        new Configuration(
                                List.of(new Member("a", a.address(), Optional.empty(), false), voter), List.of(voter))),
                LogView.decode(joint));

        Write put = new Write(
                new Command.Put(Key.of("k"), new JsonText("1".getBytes(StandardCharsets.UTF_8)), 5000),
                new Precondition(Optional.of(Match.of(List.of(4L))), Optional.empty()),
                Optional.of(new RequestId("name", "print")));
        Write delete = Write.of(new Command.Delete(Key.of("k")));
        LogEntryProto commands = entry.setStateMachineLogEntry(StateMachineLogEntryProto.newBuilder()
                        .setLogData(ByteString.copyFrom(CommandCodec.entry(
                                77, List.of(CommandCodec.encode(put), CommandCodec.encode(delete))))))
                .build();
        assertEquals(
                new Commands(new Batch(77, List.of(put, delete))),
                LogView.decode(commands).content());
    }

    /** Of a file that is renamed while the directory is listed neither name may be in the list. */
    @Test
    void aListThatLacksAFileIsNotTaken() {
        LogSegment first = new LogSegment(directory, 5, OptionalLong.of(9));
        LogSegment second = new LogSegment(directory, 10, OptionalLong.of(19));
        LogSegment open = new LogSegment(directory, 20, OptionalLong.empty());
        assertTrue(LogView.isWhole(List.of(first, second, open), 7, 25));
        assertTrue(LogView.isWhole(List.of(first, second), 7, 19));
        assertTrue(LogView.isWhole(List.of(), 7, 7));
        assertFalse(LogView.isWhole(List.of(first, open), 7, 25));
        assertFalse(LogView.isWhole(List.of(second, open), 7, 25));
        assertFalse(LogView.isWhole(List.of(first, second), 7, 20));
        assertFalse(LogView.isWhole(List.of(), 7, 8));
    }
}

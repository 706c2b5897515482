package dev.raftkv.raft.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log says of the members is known when it is cut off, also if Ratis could not write it down. */
class ConfigurationFileTest {
    private static final int MAX_ENTRY = 1 << 20;

    @TempDir
    Path directory;

    private static LogEntryProto configuration(long index, String member) {
        return LogEntryProto.newBuilder()
                .setTerm(3)
                .setIndex(index)
                .setConfigurationEntry(RaftConfigurationProto.newBuilder()
                        .addPeers(RaftPeerProto.newBuilder().setId(ByteString.copyFromUtf8(member))))
                .build();
    }

    private static LogEntryProto command(long index) {
        return LogEntryProto.newBuilder()
                .setTerm(3)
                .setIndex(index)
                .setStateMachineLogEntry(
                        StateMachineLogEntryProto.newBuilder().setLogData(ByteString.copyFromUtf8("x")))
                .build();
    }

    private void write(String name, List<LogEntryProto> entries) throws IOException {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        log.writeBytes("RaftLog1".getBytes(StandardCharsets.US_ASCII));
        for (LogEntryProto entry : entries) {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            entry.writeDelimitedTo(frame);
            CRC32C checksum = new CRC32C();
            checksum.update(frame.toByteArray());
            log.writeBytes(frame.toByteArray());
            log.writeBytes(
                    ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
        }
        Files.write(directory.resolve(name), log.toByteArray());
    }

    @Test
    void itCatchesUpWithTheLogAsFarAsThatWasAppliedAndNeverGoesBack() throws IOException {
        write("log_0-2", List.of(configuration(0, "a"), command(1), configuration(2, "b")));
        write("log_inprogress_3", List.of(command(3), configuration(4, "c")));
        LogRepair repair = new LogRepair(directory, MAX_ENTRY, -1);
        repair.mend();
        LogReading log = new LogReading(directory, MAX_ENTRY);
        ConfigurationFile file = new ConfigurationFile(directory);
        assertEquals(Optional.empty(), file.read());
        file.catchUp(repair.configurationUpTo(-1), log);
        assertEquals(Optional.empty(), file.read());

        file.catchUp(repair.configurationUpTo(1), log);
        assertEquals(Optional.of(configuration(0, "a")), file.read());
        file.catchUp(repair.configurationUpTo(3), log);
        assertEquals(Optional.of(configuration(2, "b")), file.read());
        file.write(configuration(9, "d"));
        file.catchUp(repair.configurationUpTo(9), log);
        assertEquals(Optional.of(configuration(9, "d")), file.read());

        Files.write(directory.resolve("raft-meta.conf"), new byte[] {1, 2, 3});
        file.catchUp(repair.configurationUpTo(4), log);
        assertEquals(Optional.of(configuration(4, "c")), file.read());
    }

    /** Ratis leaves it empty when the disk is full. */
    @Test
    void whatIsAppliedIsKeptInPlaceOfNothingAndNotInPlaceOfWhatCameLater() throws IOException {
        Files.write(directory.resolve("raft-meta.conf"), new byte[0]);
        ConfigurationFile file = new ConfigurationFile(directory);
        file.keep(configuration(0, "a"));
        assertEquals(Optional.of(configuration(0, "a")), file.read());
        file.keep(configuration(2, "b"));
        file.keep(configuration(1, "c"));
        assertEquals(Optional.of(configuration(2, "b")), file.read());
    }
}

package dev.raftkv.raft.disk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.apache.ratis.util.AtomicFileOutputStream;

/**
 * The latest configuration that was applied, as the entry that brought it, which Ratis keeps beside the log: who the members are
 * is known by it when the log that said so is cut off.
 */
public final class ConfigurationFile {
    private final Path file;

    /** @param log the directory that Ratis keeps the segments in */
    public ConfigurationFile(Path log) {
        this.file = log.resolve("raft-meta.conf");
    }

    /** Empty if none was applied, or if Ratis could not write it down: it leaves an empty file when the disk is full. */
    public Optional<LogEntryProto> read() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            return Optional.of(LogEntryProto.parseFrom(in)).filter(LogEntryProto::hasConfigurationEntry);
        }
    }

    /** It is on the disk when this returns; if this fails, what was there stays. */
    public void write(LogEntryProto configuration) throws IOException {
        AtomicFileOutputStream out = new AtomicFileOutputStream(file.toFile());
        try {
            configuration.writeTo(out);
        } catch (IOException e) {
            // To close it would put what is there so far in the place of the old one.
            out.abort();
            throw e;
        }
        out.close();
    }

    /** Writes it down, unless it is there, or a later one is. */
    public void keep(LogEntryProto configuration) throws IOException {
        if (configuration.getIndex() > held()) {
            write(configuration);
        }
    }

    /**
     * Catches up with the log: Ratis only logs that it could not write this file, on a full disk, and goes on to apply what
     * follows, after which nothing else would write it again.
     *
     * @param index of an entry of the log that brought a configuration, and was applied; -1 if there is none
     */
    public void catchUp(long index, LogReading log) throws IOException {
        if (index <= held()) {
            return;
        }
        LogEntryProto[] found = new LogEntryProto[1];
        log.forEach(entry -> found[0] = entry.getIndex() == index ? entry : found[0]);
        write(found[0]);
    }

    private long held() throws IOException {
        try {
            return read().map(LogEntryProto::getIndex).orElse(-1L);
        } catch (InvalidProtocolBufferException e) {
            // Ratis takes a damaged one for none.
            return -1;
        }
    }
}

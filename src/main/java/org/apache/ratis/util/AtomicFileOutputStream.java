package org.apache.ratis.util;

import java.io.File;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Writes a file whole or not at all: into a temporary file beside it, which is synced and takes its place when the stream is
 * closed.
 *
 * <p>It stands in for the class of the same name in Ratis 3.3.0, which our classes are found before. That one has two faults,
 * and Ratis keeps a node's term and vote by it. When a write fails, as on a full disk, its close puts what little was
 * written in the place of the whole file, and the vote is gone. And it does not sync the directory, so a loss of power may
 * take back a vote that was given.
 */
public final class AtomicFileOutputStream extends FilterOutputStream {
    public static final String TMP_EXTENSION = ".tmp";

    private final FileChannel channel;
    private final Path target;
    private final Path temporary;
    private boolean failed;
    private boolean closed;

    public AtomicFileOutputStream(File outFile) throws IOException {
        this(outFile, getTemporaryFile(outFile));
    }

    public AtomicFileOutputStream(File outFile, File tmpFile) throws IOException {
        this(
                outFile.toPath().toAbsolutePath(),
                tmpFile.toPath().toAbsolutePath(),
                FileChannel.open(
                        tmpFile.toPath(),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE));
    }

    private AtomicFileOutputStream(Path target, Path temporary, FileChannel channel) {
        super(Channels.newOutputStream(channel));
        this.channel = channel;
        this.target = target;
        this.temporary = temporary;
    }

    public static File getTemporaryFile(File outFile) {
        return new File(outFile.getParentFile(), outFile.getName() + TMP_EXTENSION);
    }

    @Override
    public synchronized void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int count) throws IOException {
        // Whatever ends the write early leaves it failed.
        boolean before = failed;
        failed = true;
        out.write(bytes, from, count);
        failed = before;
    }

    public synchronized boolean isClosed() {
        return closed;
    }

    /** Puts the file in its place, unless a write has failed: then the file that was there stays. */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        if (failed) {
            abort();
            return;
        }
        closed = true;
        try {
            try (channel) {
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
        try (FileChannel directory = FileChannel.open(target.getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /** Closes it and leaves the file that was there. */
    public synchronized void abort() {
        if (closed) {
            return;
        }
        closed = true;
        try (channel) {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // What is left of it is written over next time.
            return;
        }
    }
}

package dev.raftkv.rest.backup;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.rest.request.Request;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A backup that is sent to this node, on its way into a file. It ends when it comes too slowly, or the disk gets full. Who writes
 * may wait for the disk; who looks after it does not, however long that takes.
 */
final class Upload implements WritableByteChannel {
    private static final Duration LOOK = Duration.ofMillis(500);

    /** The disk is looked at after so many bytes. */
    private static final long SPACE_LOOK = 1 << 20;

    private final Room room;
    private final FileChannel file;
    private final UploadPace pace = new UploadPace(System.nanoTime());

    /** Of one thread after the other. */
    private volatile long came;

    private long lookAtSpaceAt = SPACE_LOOK;

    /** @param path made anew */
    Upload(Path path, Room room) throws IOException {
        this.room = room;
        this.file = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    /** Ends when all is in the file; that is not closed then. */
    CompletableFuture<Void> receive(Request request, ScheduledThreadPoolExecutor timer) {
        CompletableFuture<byte[]> body = request.receive(this);
        ScheduledFuture<?> looks = timer.scheduleWithFixedDelay(
                () -> pace.look(came, System.nanoTime()).ifPresent(body::completeExceptionally),
                LOOK.toMillis(),
                LOOK.toMillis(),
                TimeUnit.MILLISECONDS);
        return body.handle((none, failure) -> {
            looks.cancel(false);
            if (failure instanceof KvException known) {
                throw known;
            }
            if (failure != null) {
                throw new KvException(
                        Code.UNREADABLE, "the backup did not come whole: nothing was changed; send it again", failure);
            }
            return null;
        });
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        int written = file.write(bytes);
        long now = came + written;
        came = now;
        if (now >= lookAtSpaceAt) {
            lookAtSpaceAt = now + SPACE_LOOK;
            room.requireForUpload(0);
        }
        return written;
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    /** Waits for who writes. */
    @Override
    public void close() throws IOException {
        file.close();
    }
}

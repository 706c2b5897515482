package dev.raftkv.rest.backup;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.rest.request.Request;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A backup that is sent to this node, on its way into a file. It ends when nothing comes for long, or the disk gets full. */
final class Upload {
    private static final Logger LOG = LoggerFactory.getLogger(Upload.class);
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path path;
    private final long minFreeBytes;
    private final FileChannel file;
    private long seen;
    private long seenAt = System.nanoTime();

    /** @param path made anew */
    Upload(Path path, long minFreeBytes) throws IOException {
        this.path = path;
        this.minFreeBytes = minFreeBytes;
        this.file = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    /** Ends when all is in the file. */
    CompletableFuture<Void> receive(Request request, ScheduledThreadPoolExecutor timer) {
        CompletableFuture<byte[]> body = request.receive(file);
        ScheduledFuture<?> looks =
                timer.scheduleWithFixedDelay(() -> look(body), LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        return body.handle((none, failure) -> {
            looks.cancel(false);
            close();
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

    private void look(CompletableFuture<byte[]> body) {
        try {
            long size = file.size();
            if (size != seen) {
                seen = size;
                seenAt = System.nanoTime();
            } else if (System.nanoTime() - seenAt > PATIENCE.toNanos()) {
                body.completeExceptionally(new KvException(
                        Code.UNAVAILABLE,
                        "nothing of the backup has come for " + PATIENCE.toSeconds()
                                + " seconds: nothing was changed; send it again"));
            }
            if (Files.getFileStore(path).getUsableSpace() < minFreeBytes) {
                body.completeExceptionally(new KvException(
                        Code.NO_SPACE,
                        "the disk of this node has no room for the backup (RAFT_MIN_FREE_DISK_MB): nothing was changed;"
                                + " free some space"));
            }
        } catch (IOException e) {
            body.completeExceptionally(new KvException(
                    Code.NO_SPACE, "the backup cannot be written to the disk of this node: nothing was changed", e));
        }
    }

    private void close() {
        try {
            file.close();
        } catch (IOException e) {
            LOG.debug("closing {}", path, e);
        }
    }
}

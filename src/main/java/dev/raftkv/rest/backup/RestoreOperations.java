package dev.raftkv.rest.backup;

import dev.raftkv.access.UserRole;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Role;
import dev.raftkv.rest.cluster.ClusterPicture;
import dev.raftkv.rest.cluster.LeaderRouting;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Restores backups, one at a time. */
public final class RestoreOperations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreOperations.class);

    /** How long who is refused may wait until there is room for the next one. */
    private static final Duration CLOSING = Duration.ofSeconds(2);

    private static final String REPLACE = "replace";
    private static final String PREFIX = "prefix";

    /** What no page of another site can send without being allowed to. */
    private static final Set<String> TYPES =
            Set.of(BackupOperations.CONTENT_TYPE, "application/gzip", "application/octet-stream", "application/json");

    /**
     * @param directory where a backup is while it is restored; of this node alone
     * @param minFreeBytes what has to be left of the disk
     */
    public record Place(Path directory, long minFreeBytes) {}

    private final KvService kv;
    private final LeaderRouting routing;
    private final Place place;
    private final Room room;
    private final ScheduledThreadPoolExecutor timer;
    private final ThreadPoolExecutor work;
    private final AtomicBoolean taken = new AtomicBoolean();

    /**
     * @param members whose disks have to have room
     * @param name of the node's threads
     * @param timer for short work
     */
    public RestoreOperations(
            KvService kv,
            LeaderRouting routing,
            Place place,
            ClusterPicture members,
            String name,
            ScheduledThreadPoolExecutor timer) {
        this.kv = kv;
        this.routing = routing.redirecting();
        this.place = place;
        this.room = new Room(place.directory(), place.minFreeBytes(), members);
        this.timer = timer;
        this.work = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(1), task -> {
            Thread thread = new Thread(task, name + "-restore");
            thread.setDaemon(true);
            return thread;
        });
        this.work.allowCoreThreadTimeOut(true);
    }

    public List<Operation> all() {
        return List.of(new Operation("POST", "restore", List.of(REPLACE, PREFIX), Effect.CHANGES, this::restore)
                .takingBody(Operation.UPLOAD)
                .askingFor(UserRole.ADMIN));
    }

    private CompletionStage<Answer> restore(Request request) {
        requireType(request.header(Headers.CONTENT_TYPE).orElse("(none)"));
        boolean replace = request.query().flag(REPLACE);
        Optional<Prefix> prefix = request.query().get(PREFIX).map(Prefix::of);
        return routing.route(request, () -> {
            if (kv.status().role() != Role.LEADER) {
                return CompletableFuture.failedFuture(new KvException(Code.NOT_LEADER, "not the leader"));
            }
            if (!taken.compareAndSet(false, true)) {
                return CompletableFuture.failedFuture(new KvException(
                        Code.CONFLICT,
                        "another restore is under way at this node: nothing was changed; try again when it is over"));
            }
            try {
                return receive(request, replace, prefix);
            } catch (RuntimeException e) {
                // Nothing has begun, and nothing would end it: the next restore must find room.
                leave();
                throw e;
            }
        });
    }

    private static void requireType(String type) {
        if (!TYPES.contains(type.replaceAll(";.*", "").strip())) {
            throw new KvException(
                    Code.UNSUPPORTED_MEDIA_TYPE,
                    "the body has the content type " + type + ": send the backup with the header Content-Type: "
                            + BackupOperations.CONTENT_TYPE);
        }
    }

    private Path file() {
        return place.directory().resolve("backup");
    }

    private Upload begin(long declared) {
        try {
            Files.createDirectories(place.directory());
            room.requireForUpload(declared);
            return new Upload(file(), room);
        } catch (IOException e) {
            throw new KvException(
                    Code.NO_SPACE, "the backup cannot be written to the disk of this node: nothing was changed", e);
        }
    }

    private CompletableFuture<Answer> receive(Request request, boolean replace, Optional<Prefix> prefix) {
        Upload upload = begin(declared(request));
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        CompletableFuture<Void> received = upload.receive(request, timer);
        received.handleAsync((none, failure) -> end(upload, failure, replace, prefix), this::onWork)
                .whenComplete((made, failure) -> {
                    if (failure == null) {
                        answer.complete(made);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                });
        received.exceptionally(failure -> {
            // To close a file waits for the disk, and who is refused does not wait for one that hangs.
            timer.schedule(() -> answer.completeExceptionally(failure), CLOSING.toMillis(), TimeUnit.MILLISECONDS);
            return null;
        });
        return answer;
    }

    /** 0 if it is not known. */
    private static long declared(Request request) {
        try {
            return request.header(Headers.CONTENT_LENGTH).map(Long::parseLong).orElse(0L);
        } catch (NumberFormatException e) {
            throw new KvException(Code.UNREADABLE, "the Content-Length is no number", e);
        }
    }

    private void onWork(Runnable task) {
        try {
            work.execute(task);
        } catch (RejectedExecutionException e) {
            // This node is stopping, and so is what would have been done.
            task.run();
        }
    }

    private Answer end(Upload upload, Throwable failure, boolean replace, Optional<Prefix> prefix) {
        try {
            upload.close();
            if (failure != null) {
                throw new CompletionException(failure instanceof CompletionException ? failure.getCause() : failure);
            }
            if (work.isShutdown()) {
                throw new KvException(Code.UNAVAILABLE, "this node is stopping: nothing was changed");
            }
            return restore(replace, prefix);
        } catch (IOException e) {
            throw new KvException(
                    Code.NO_SPACE, "the backup cannot be written to the disk of this node: nothing was changed", e);
        } finally {
            leave();
        }
    }

    private Answer restore(boolean replace, Optional<Prefix> prefix) {
        try {
            Restore.Done done = new Restore(kv, room, file(), replace, prefix).run();
            return Answers.ok(json -> {
                        json.writeStringField("message", "success restoring data");
                        json.writeObjectFieldStart("data");
                        json.writeNumberField("keys", done.keys());
                        json.writeNumberField("revision", done.revision());
                        json.writeEndObject();
                    })
                    .header(Headers.REVISION, done.revision());
        } catch (IOException e) {
            throw new KvException(
                    Code.UNAVAILABLE, "the backup cannot be read from the disk of this node: nothing was changed", e);
        }
    }

    private void leave() {
        try {
            Files.deleteIfExists(file());
        } catch (IOException e) {
            LOG.warn("cannot delete {}", file(), e);
        } finally {
            taken.set(false);
        }
    }

    /** Deletes what a crash has left. */
    public void start() {
        try {
            Files.deleteIfExists(file());
        } catch (IOException e) {
            LOG.warn("cannot delete {}", file(), e);
        }
    }

    @Override
    public void close() {
        work.shutdown();
    }
}

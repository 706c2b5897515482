package dev.raftkv.raft.log;

import dev.raftkv.kv.SharedBarrier;
import dev.raftkv.model.Command;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Write;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.RaftErrors;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** Barriers in the log, by which readers know that this node still leads. */
public final class Barriers {
    private final OwnServer server;
    private final GroupCommit commit;
    private final LongSupplier applied;
    private final SharedBarrier shared;

    /**
     * @param applied index of the last entry that this node has applied; throws while it serves nothing
     * @param answers completes the readers' futures
     */
    public Barriers(OwnServer server, GroupCommit commit, LongSupplier applied, Executor answers) {
        this.shared = new SharedBarrier(this::begin, answers);
        this.server = server;
        this.commit = commit;
        this.applied = applied;
    }

    /**
     * Up to where a reader must have applied the log to see all that was acknowledged before this call; ends as
     * {@link dev.raftkv.kv.Replicator#barrier} says.
     */
    public CompletableFuture<Long> index() {
        return shared.index();
    }

    /**
     * All that was acknowledged before is applied here already, if this node leads from now until the barrier is passed, in
     * one term. Then readers elsewhere need not wait for the barrier's own index, whose commit followers hear of late.
     */
    private CompletableFuture<Long> begin() {
        OptionalLong term = server.readyTerm();
        long before = applied.getAsLong();
        return commit.write(Write.of(new Command.Barrier())).handle((outcome, failed) -> {
            if (failed != null) {
                throw RaftErrors.barrier(failed);
            }
            boolean led = term.isPresent() && term.equals(server.readyTerm());
            return led ? before : ((Outcome.Passed) outcome).index();
        });
    }
}

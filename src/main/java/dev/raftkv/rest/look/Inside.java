package dev.raftkv.rest.look;

import dev.raftkv.raft.look.Events;
import dev.raftkv.raft.look.LogPage;
import dev.raftkv.raft.look.LogQuery;
import dev.raftkv.raft.look.LogView;
import java.util.function.Function;

/**
 * What a node shows of its inside.
 *
 * @param log reads entries of its log, see {@link LogView#read}
 */
public record Inside(Function<LogQuery, LogPage> log, Events events) {
    public static Inside of(LogView log, Events events) {
        return new Inside(log::read, events);
    }
}

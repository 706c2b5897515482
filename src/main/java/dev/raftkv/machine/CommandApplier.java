package dev.raftkv.machine;

import dev.raftkv.model.Command;
import dev.raftkv.model.Outcome;
import dev.raftkv.store.WriteTransaction;
import java.util.List;

/** Applies the commands of a Raft entry. */
public final class CommandApplier {
    /**
     * Applies commands in order. Committing is the caller's. A failure of the store goes through: the entry is then not
     * applied, and the node must stop.
     *
     * @return one outcome per command, in order
     */
    public List<Outcome> apply(List<Command> commands, WriteTransaction transaction) {
        return commands.stream().map(command -> apply(command, transaction)).toList();
    }

    private static Outcome apply(Command command, WriteTransaction transaction) {
        return command.match(
                put -> put(put, transaction),
                delete -> delete(delete, transaction),
                announce -> announce(announce, transaction));
    }

    private static Outcome put(Command.Put put, WriteTransaction transaction) {
        transaction.put(put.key(), put.value());
        return new Outcome.Stored(transaction.revision());
    }

    private static Outcome delete(Command.Delete delete, WriteTransaction transaction) {
        boolean existed = transaction.delete(delete.key());
        return new Outcome.Removed(transaction.revision(), existed);
    }

    private static Outcome announce(Command.Announce announce, WriteTransaction transaction) {
        transaction.announce(announce.nodeId(), announce.httpAddress());
        return new Outcome.Announced(transaction.revision());
    }
}

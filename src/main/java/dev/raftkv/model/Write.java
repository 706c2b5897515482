package dev.raftkv.model;

import java.util.Optional;

/**
 * A command as it goes through the Raft log.
 *
 * @param precondition what must hold of the command's key when it is applied; only a {@link Command.Put},
 *     {@link Command.Add} or {@link Command.Delete} may have one that is not {@link Precondition#NONE}
 * @param requestId under which the outcome is remembered, so that the same request is applied once; a {@link Command.OfConsul}
 *     has none
 * @param remembersValues whether the values that it reads are remembered with its outcome, as they once were: so for entries
 *     that a node of that time has made, and for no others
 */
public record Write(
        Command command, Precondition precondition, Optional<RequestId> requestId, boolean remembersValues) {
    /** @throws IllegalArgumentException if there is a name for what is not remembered */
    public Write {
        if (command instanceof Command.OfConsul && requestId.isPresent()) {
            throw new IllegalArgumentException("a command of Consul's interface with a name: " + command);
        }
    }

    /** A command whose outcome is remembered without the values that it reads. */
    public Write(Command command, Precondition precondition, Optional<RequestId> requestId) {
        this(command, precondition, requestId, false);
    }

    /** A command that is always carried out, and not remembered. */
    public static Write of(Command command) {
        return new Write(command, Precondition.NONE, Optional.empty());
    }

    /** Whether it is a request by name that reads values: of this kind alone there are two ways to be remembered. */
    public boolean isNamedRead() {
        return requestId.isPresent() && command instanceof Command.Txn txn && txn.reads();
    }
}

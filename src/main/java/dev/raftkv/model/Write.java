package dev.raftkv.model;

import java.util.Optional;

/**
 * A command as it goes through the Raft log.
 *
 * @param precondition what must hold of the command's key when it is applied; only a {@link Command.Put} or
 *     {@link Command.Delete} may have one that is not {@link Precondition#NONE}
 * @param requestId under which the outcome is remembered, so that the same request is applied once
 */
public record Write(Command command, Precondition precondition, Optional<RequestId> requestId) {
    /** A command that is always carried out, and not remembered. */
    public static Write of(Command command) {
        return new Write(command, Precondition.NONE, Optional.empty());
    }
}

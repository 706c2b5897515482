package dev.raftkv.rest.consul.txn;

import dev.raftkv.model.ConsulOp;
import java.util.Optional;

/**
 * One operation as its client wrote it.
 *
 * @param operation empty if it cannot be
 * @param refusal why it cannot be; empty if it can
 * @param session which it names, whatever that is
 * @param index which it names
 */
record TxnStep(Optional<ConsulOp> operation, String refusal, String verb, String key, String session, long index) {
    boolean isRefused() {
        return operation.isEmpty();
    }
}

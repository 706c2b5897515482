package dev.raftkv.machine;

import dev.raftkv.model.Command.OfConsul;
import dev.raftkv.model.ConsulError;
import dev.raftkv.model.ConsulOp;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Outcome.Reason;
import dev.raftkv.store.WriteTransaction;
import java.util.List;
import java.util.Optional;

/** Applies what Consul's interface writes. */
final class ConsulApplier {
    private final WriteTransaction transaction;
    private final Detail detail;

    ConsulApplier(WriteTransaction transaction, Detail detail) {
        this.transaction = transaction;
        this.detail = detail;
    }

    /** @param index of the entry in the Raft log */
    Outcome apply(OfConsul step, long index) {
        if (step instanceof OfConsul.Put put) {
            return one(new ConsulOp.Put(put.key(), put.value(), put.flags(), put.mode()));
        }
        if (step instanceof OfConsul.Delete delete) {
            return one(new ConsulOp.Delete(delete.key(), delete.revision()));
        }
        return step instanceof OfConsul.Txn txn ? all(txn) : new Outcome.Passed(transaction.revision(), index);
    }

    private Outcome one(ConsulOp operation) {
        ConsulPlan plan = new ConsulPlan(transaction, Detail.NOTHING);
        Optional<Reason> refusal = plan.lookAt(List.of(operation));
        for (ConsulError error : plan.errors()) {
            refusal = switch (error.kind()) {
                case NO_SUCH_SESSION -> Optional.of(Reason.NO_SUCH_SESSION);
                case TOO_MANY_KEYS_OF_SESSION -> Optional.of(Reason.TOO_MANY_KEYS_OF_SESSION);
                default -> refusal;
            };
        }
        if (refusal.isPresent()) {
            return rejected(refusal.get());
        }
        boolean done = plan.errors().isEmpty();
        if (done) {
            plan.carryOut();
        }
        return new Outcome.Done(transaction.revision(), done);
    }

    private Outcome all(OfConsul.Txn txn) {
        ConsulPlan plan = new ConsulPlan(transaction, detail);
        Optional<Reason> refusal = plan.lookAt(txn.operations());
        if (refusal.isPresent()) {
            return rejected(refusal.get());
        }
        if (!plan.errors().isEmpty()) {
            return new Outcome.ConsulDone(transaction.revision(), List.of(), plan.errors());
        }
        plan.carryOut();
        return new Outcome.ConsulDone(transaction.revision(), plan.results(), List.of());
    }

    private Outcome rejected(Reason reason) {
        return new Outcome.Rejected(transaction.revision(), reason, 0);
    }
}

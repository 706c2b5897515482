package dev.raftkv.raft.log;

import dev.raftkv.machine.CommandApplier;
import dev.raftkv.model.Command;
import dev.raftkv.model.ConsulOp;
import dev.raftkv.model.Counter;
import dev.raftkv.model.KvException;
import dev.raftkv.model.TxnOp;
import dev.raftkv.model.Write;
import dev.raftkv.store.KvStore;
import dev.raftkv.store.StorageException;
import java.util.List;
import java.util.function.Supplier;

/**
 * How large the outcomes of transactions may be, by what their keys have in the store when their entry is cut. As all that was
 * cut before is applied by then, only commands of the same entry can change that.
 */
public final class ReadSize implements GroupCommit.ResultSize {
    /** Of a result beside its value: the key and numbers. */
    private static final int OVERHEAD = 256;

    private final Supplier<KvStore> store;

    /** @param store throws {@code UNAVAILABLE} while the node serves nothing */
    public ReadSize(Supplier<KvStore> store) {
        this.store = store;
    }

    @Override
    public long of(Write write, long written) {
        if (write.command() instanceof Command.OfConsul.Txn consul) {
            return of(consul, written);
        }
        if (!(write.command() instanceof Command.Txn txn) || !txn.reads() && !txn.has(TxnOp.Add.class)) {
            return 0;
        }
        try {
            KvStore current = store.get();
            return Math.max(of(txn.then(), written, current), of(txn.otherwise(), written, current));
        } catch (KvException | StorageException e) {
            // It will hardly be applied by this node; if so, it has its own limit.
            return CommandApplier.MAX_RESULT_BYTES;
        }
    }

    private long of(Command.OfConsul.Txn txn, long written) {
        if (!txn.reads()) {
            return 0;
        }
        boolean readsTrees = txn.operations().stream().anyMatch(ConsulOp.GetTree.class::isInstance);
        try {
            long bytes = readsTrees ? CommandApplier.MAX_RESULT_BYTES : 0;
            for (ConsulOp operation : txn.operations()) {
                if (operation instanceof ConsulOp.Get get) {
                    bytes += OVERHEAD
                            + get.key().utf8().length
                            + Math.max(written, store.get().valueLength(get.key()));
                }
            }
            return Math.min(bytes, CommandApplier.MAX_RESULT_BYTES);
        } catch (KvException | StorageException e) {
            return CommandApplier.MAX_RESULT_BYTES;
        }
    }

    private static long of(List<TxnOp> operations, long written, KvStore store) {
        // Which keys they find is not known before; so they have a lower limit.
        long bytes = operations.stream().anyMatch(TxnOp.GetRange.class::isInstance) ? TxnOp.GetRange.MOST_BYTES : 0;
        for (TxnOp operation : operations) {
            if (operation instanceof TxnOp.Get get) {
                bytes += OVERHEAD + get.key().utf8().length + Math.max(written, store.valueLength(get.key()));
            } else if (operation instanceof TxnOp.Add add) {
                // What a sum may have, without a look.
                bytes += OVERHEAD + add.key().utf8().length + Counter.MAX_BYTES;
            }
        }
        // With more, the transaction is refused.
        return Math.min(bytes, CommandApplier.MAX_RESULT_BYTES);
    }
}

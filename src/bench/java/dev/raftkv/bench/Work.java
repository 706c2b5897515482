package dev.raftkv.bench;

import dev.raftkv.bench.load.Operation;
import java.util.Optional;

/** What is measured. */
public enum Work {
    WRITE("write at the leader", Operation.WRITE, true),
    LINEARIZABLE("linearizable read at the leader", Operation.LINEARIZABLE_READ, true),
    LINEARIZABLE_FOLLOWER("linearizable read at a follower", Operation.LINEARIZABLE_READ, false),
    READ("eventual read at the leader", Operation.READ, true),
    READ_FOLLOWER("eventual read at a follower", Operation.READ, false),
    FAILOVER("kill -9 of the leader"),
    MEMBER("kill -9 of a follower, and start"),
    RESTART("kill -9 of all, and start"),
    SESSIONS("10,000 sessions, each renewed every 5 s"),
    MICRO("parts, by JMH");

    private final String words;
    private final Optional<Operation> operation;
    private final boolean atLeader;

    Work(String words) {
        this(words, Optional.empty(), false);
    }

    Work(String words, Operation operation, boolean atLeader) {
        this(words, Optional.of(operation), atLeader);
    }

    Work(String words, Optional<Operation> operation, boolean atLeader) {
        this.words = words;
        this.operation = operation;
        this.atLeader = atLeader;
    }

    public String words() {
        return words;
    }

    /** Empty if it is no load on one node. */
    Optional<Operation> operation() {
        return operation;
    }

    boolean isAtLeader() {
        return atLeader;
    }
}

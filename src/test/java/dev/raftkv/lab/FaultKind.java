package dev.raftkv.lab;

/** What can happen to a cluster, with the shortest and longest time that it may last. */
enum FaultKind {
    CUT_OFF("one node is cut off from all others", 1_500, 8_000),
    HALVES("a minority is cut off from a majority", 1_500, 8_000),
    ALL_APART("no node reaches another", 1_500, 5_000),
    ONE_WAY("the others hear a node, which does not hear them, or the other way round", 1_500, 8_000),
    RAFT_ONLY("one node is cut off, but for HTTP", 1_500, 8_000),
    HTTP_ONLY("one node is cut off for HTTP only", 1_500, 5_000),
    BRIDGE("two halves, and one node that reaches both", 1_500, 8_000),
    FLAPPING("the links of a node go and come", 2_000, 8_000),
    SLOW("what a node sends comes 100 to 500 ms later", 2_000, 8_000),
    LOSSY("10 to 30 of 100 packets of a node are lost", 2_000, 8_000),
    KILL("kill -9 of one", 0, 4_000),
    KILL_MAJORITY("kill -9 of a majority at once", 0, 4_000),
    KILL_ALL("kill -9 of all at once", 0, 2_000),
    PAUSE("SIGSTOP of one", 300, 10_000),
    TERMINATE("SIGTERM of one", 0, 3_000),
    ROLLING("SIGTERM and start of each in turn", 0, 0),
    REJOIN("a member is removed, and joined again", 0, 4_000),
    REJOIN_EMPTY("a member is removed, and joins without its data", 0, 4_000),
    JOIN_STALLED("the leader stands still during a join", 500, 6_000),
    JOIN_KILLED("the leader or the joiner is killed during a join", 0, 3_000),
    CLOCK("the clock of one node jumps, and back", 1_500, 8_000),
    DISK_LOW("a disk has less space than the limit", 2_000, 6_000),
    DISK_FULL("a disk is full to the last byte", 1_000, 5_000),
    TORN_TAIL("kill -9 while an entry is written", 0, 2_000);

    private final String description;
    private final int leastMillis;
    private final int mostMillis;

    FaultKind(String description, int leastMillis, int mostMillis) {
        this.description = description;
        this.leastMillis = leastMillis;
        this.mostMillis = mostMillis;
    }

    String description() {
        return description;
    }

    int leastMillis() {
        return leastMillis;
    }

    int mostMillis() {
        return mostMillis;
    }
}

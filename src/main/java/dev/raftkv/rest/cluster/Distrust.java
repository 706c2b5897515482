package dev.raftkv.rest.cluster;

import dev.raftkv.json.JsonAnswer;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.peer.NodeAnswer;
import dev.raftkv.peer.Peer;

/** What is said when nodes do not know each other, or the one that answers is not the one that was asked. */
final class Distrust {
    private static final int MISDIRECTED = 421;

    private Distrust() {}

    /**
     * @param reading whether what was asked changes nothing anyway
     * @return {@code NOT_LEADER} if another node answers and nothing was done, {@code UNAVAILABLE} if nothing was done, else
     *     {@code OUTCOME_UNKNOWN}: whoever does not know the secret may say what they like, and without encryption whoever
     *     has seen the request may take it to another node
     */
    static KvException failure(Peer asked, NodeAnswer answer, boolean reading) {
        boolean certain = reading || answer.isProvenRefusal() || !answer.wasSealed();
        Code code =
                !certain ? Code.OUTCOME_UNKNOWN : answer.status() == MISDIRECTED ? Code.NOT_LEADER : Code.UNAVAILABLE;
        return new KvException(
                code,
                words(asked, answer)
                        + (certain
                                ? ". Nothing was changed"
                                : ". Nothing proves that no node does it, so the request may or may not have been carried"
                                        + " out"),
                null);
    }

    /** What is wrong between this node and the one that was asked. */
    static String words(Peer asked, NodeAnswer answer) {
        String told = JsonAnswer.read(answer.bytes())
                .flatMap(problem -> problem.text("detail"))
                .map(detail -> " (it says: " + detail + ")")
                .orElse("");
        if (answer.status() == MISDIRECTED) {
            return "not the leader answers at its address " + asked.address() + told;
        }
        return "the nodes do not know each other: the leader at " + asked.address() + " refuses this node" + told + ". "
                + (answer.wasSealed()
                        ? "Give all nodes the same RAFT_NODE_SECRET, and clocks that agree"
                        : "Set RAFT_NODE_SECRET, the same on all nodes");
    }
}

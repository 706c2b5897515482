package dev.raftkv.raft.care;

import dev.raftkv.kv.Replicator;
import dev.raftkv.model.Command;
import dev.raftkv.model.Write;
import dev.raftkv.raft.group.StatusReader;
import dev.raftkv.raft.ratis.OwnServer;

/**
 * Has a leader note where it answers HTTP: followers send clients to it, so everybody must know. A follower tells the leader by
 * HTTP.
 */
public final class AnnouncementCare {
    private final OwnServer server;
    private final StatusReader status;
    private final Replicator replicator;
    private final String httpAddress;

    public AnnouncementCare(OwnServer server, StatusReader status, Replicator replicator, String httpAddress) {
        this.server = server;
        this.status = status;
        this.replicator = replicator;
        this.httpAddress = httpAddress;
    }

    void look() {
        if (server.isLedReadily() && status.isUnannounced()) {
            replicator.write(Write.of(new Command.Announce(server.name().nodeId(), httpAddress)));
        }
    }
}

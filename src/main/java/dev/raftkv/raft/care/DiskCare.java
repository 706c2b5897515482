package dev.raftkv.raft.care;

import dev.raftkv.raft.disk.DataDirectory;
import dev.raftkv.raft.group.Opening;
import dev.raftkv.raft.group.Standing;
import dev.raftkv.raft.log.BackOff;
import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Knows how much room the disk has. What failed because it was full works again when it is opened anew. */
public final class DiskCare {
    private static final Logger LOG = LoggerFactory.getLogger(DiskCare.class);

    private final PeerName name;
    private final DataDirectory directory;
    private final Standing standing;
    private final Opening opening;
    private final BackOff reopening = new BackOff(Duration.ofSeconds(5), Duration.ofMinutes(5));

    public DiskCare(PeerName name, DataDirectory directory, Standing standing, Opening opening) {
        this.name = name;
        this.directory = directory;
        this.standing = standing;
        this.opening = opening;
    }

    /** Blocks while Raft and the store are opened. */
    void look() throws IOException {
        standing.disk().free(directory.freeBytes());
        if (standing.mayReopen() && reopening.begins(System.nanoTime())) {
            LOG.warn("node {}: the disk has room again; Raft and the store are opened anew", name);
            try {
                opening.reopen();
            } catch (IOException | RuntimeException e) {
                standing.reopenFailed(e);
            }
        }
    }

    /** The node serves, and knows a leader. */
    void well() {
        reopening.reset();
    }
}

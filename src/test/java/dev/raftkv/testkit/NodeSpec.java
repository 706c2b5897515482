package dev.raftkv.testkit;

import java.nio.file.Path;
import java.util.Map;

/**
 * One node as the sample's users start it: by four environment variables.
 *
 * @param dataDirectory absolute
 */
public record NodeSpec(String nodeId, int httpPort, int raftPort, Path dataDirectory) {
    public Map<String, String> environment() {
        return Map.of(
                "SERVER_PORT", Integer.toString(httpPort),
                "RAFT_NODE_ID", nodeId,
                "RAFT_PORT", Integer.toString(raftPort),
                "RAFT_VOL_DIR", dataDirectory.toString());
    }

    /** The URL of a path in the root context. */
    public String url(String path) {
        return "http://127.0.0.1:" + httpPort + path;
    }

    public String raftAddress() {
        return "127.0.0.1:" + raftPort;
    }
}

package dev.raftkv.ops;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Says which raftkv runs as which node. */
public final class BuildMetrics implements Source {
    private final String nodeId;
    private final String version;

    public BuildMetrics(String nodeId) {
        this.nodeId = nodeId;
        this.version = version();
    }

    private static String version() {
        try (InputStream file = BuildMetrics.class.getResourceAsStream("build.properties")) {
            Properties build = new Properties();
            build.load(file);
            return build.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException("the version of this build cannot be read", e);
        }
    }

    @Override
    public void write(Exposition out) {
        out.begin("raftkv_build_info", Exposition.Type.GAUGE, "1, with the version of raftkv and the node's id.");
        out.sample(1, "version", version, "node_id", nodeId);
    }
}

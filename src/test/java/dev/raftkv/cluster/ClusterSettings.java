package dev.raftkv.cluster;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * What a local cluster is made of. It is kept in the cluster's directory, so that a single node can be started again.
 *
 * @param directory for all that the nodes write
 * @param deploy the directory {@code deploy} of the sources
 * @param httpPort of node1; node2 and node3 have the next ones
 * @param raftPort of node1; node2 and node3 have the next ones
 */
record ClusterSettings(Path directory, Path war, Path deploy, int httpPort, int raftPort) {
    private static final String FILE = "cluster.properties";

    /** From the system properties that pom.xml sets. */
    static ClusterSettings fromMaven() {
        return from(System.getProperties(), absolute(System.getProperty("cluster.dir")));
    }

    /** Those that the cluster in the directory was last started with. */
    static ClusterSettings load(Path directory) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(directory.resolve(FILE))) {
            properties.load(reader);
        } catch (IOException e) {
            throw new ClusterException("There is no cluster in " + directory + ". Start one with: mvn -q -Pcluster", e);
        }
        return from(properties, directory.toAbsolutePath());
    }

    /** Whether a cluster has been started in the directory before. */
    boolean isSaved() {
        return Files.exists(directory.resolve(FILE));
    }

    void save() throws IOException {
        Properties properties = new Properties();
        properties.setProperty("raftkv.war", war.toString());
        properties.setProperty("basedir", deploy.getParent().toString());
        properties.setProperty("cluster.http.port", Integer.toString(httpPort));
        properties.setProperty("cluster.raft.port", Integer.toString(raftPort));
        Files.createDirectories(directory);
        try (Writer writer = Files.newBufferedWriter(directory.resolve(FILE))) {
            properties.store(writer, "written by LocalCluster");
        }
    }

    private static ClusterSettings from(Properties properties, Path directory) {
        return new ClusterSettings(
                directory,
                absolute(properties.getProperty("raftkv.war")),
                absolute(properties.getProperty("basedir")).resolve("deploy"),
                port(properties, "cluster.http.port"),
                port(properties, "cluster.raft.port"));
    }

    private static Path absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize();
    }

    private static int port(Properties properties, String name) {
        String value = properties.getProperty(name);
        if (!value.matches("[0-9]{1,5}") || Integer.parseInt(value) < 1 || Integer.parseInt(value) > 65_533) {
            throw new ClusterException(name + " is " + value + ": give a port from 1 to 65533.");
        }
        return Integer.parseInt(value);
    }
}

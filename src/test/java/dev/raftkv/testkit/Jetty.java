package dev.raftkv.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A stock Jetty, set up as deploy/jetty/README.md says.
 *
 * @param home the unpacked distribution
 * @param deploy our directory {@code deploy}
 */
public record Jetty(Path home, Path deploy) {
    /** Makes or renews the directory of one server, and returns the command that starts it there. */
    public ServerCommand node(NodeSpec node, Path base, Path war) throws IOException {
        FileTree.copy(deploy.resolve("jetty").resolve("base"), base);
        List<String> words = List.of(
                ServerCommand.java(),
                "@" + deploy.resolve("jvm.options"),
                "-Draftkv.war=" + war,
                "-jar",
                home.resolve("start.jar").toString(),
                "jetty.base=" + base);
        Files.createDirectories(base.resolve("logs"));
        return new ServerCommand(
                words, node.environment(), base, base.resolve("logs").resolve("jetty.log"));
    }
}

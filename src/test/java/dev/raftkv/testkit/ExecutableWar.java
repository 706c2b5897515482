package dev.raftkv.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The WAR as a program of its own, run as the README says.
 *
 * @param deploy our directory {@code deploy}
 */
public record ExecutableWar(Path war, Path deploy) {
    /** Makes the directory of one node, and returns the command that starts it there; its output goes to node.log. */
    public ServerCommand node(NodeSpec node, Path base, String... moreOptions) throws IOException {
        List<String> options = new ArrayList<>(List.of(
                "--port=" + node.httpPort(),
                "--node-id=" + node.nodeId(),
                "--raft-port=" + node.raftPort(),
                "--data=" + node.dataDirectory()));
        options.addAll(List.of(moreOptions));
        return command(options, Map.of(), base);
    }

    /** The same with any options. */
    public ServerCommand command(List<String> options, Map<String, String> environment, Path base) throws IOException {
        List<String> words = new ArrayList<>(
                List.of(ServerCommand.java(), "@" + deploy.resolve("jvm.options"), "-jar", war.toString()));
        words.addAll(options);
        Files.createDirectories(base);
        return new ServerCommand(words, environment, base, base.resolve("node.log"));
    }
}

package dev.raftkv.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A stock Tomcat, set up as deploy/tomcat/README.md says.
 *
 * @param home the unpacked distribution
 * @param deploy our directory {@code deploy}
 */
public record Tomcat(Path home, Path deploy) {
    /** Makes or renews the directory of one server with one node, and returns the command that starts it there. */
    public ServerCommand node(NodeSpec node, Path base, Path war) throws IOException {
        prepare(base, "one-node");
        copy(deploy.resolve("jvm.options"), base.resolve("conf").resolve("jvm.options"));
        copy(war, base.resolve("webapps").resolve("ROOT.war"));
        return command(base, node.environment());
    }

    /** Makes the directory of one server with three nodes, as the contexts /node1 to /node3. */
    public ServerCommand threeContexts(Path base, Path war) throws IOException {
        prepare(base, "three-contexts");
        copy(war, base.resolve("raftkv.war"));
        return command(base, Map.of());
    }

    private void prepare(Path base, String kind) throws IOException {
        FileTree.copy(home.resolve("conf"), base.resolve("conf"));
        FileTree.copy(deploy.resolve("tomcat").resolve(kind), base);
        for (String name : List.of("logs", "temp", "webapps")) {
            Files.createDirectories(base.resolve(name));
        }
    }

    private ServerCommand command(Path base, Map<String, String> settings) {
        Map<String, String> environment = new HashMap<>(settings);
        environment.put("CATALINA_HOME", home.toString());
        environment.put("CATALINA_BASE", base.toString());
        List<String> words =
                List.of("sh", home.resolve("bin").resolve("catalina.sh").toString(), "run");
        return new ServerCommand(words, environment, base, base.resolve("logs").resolve("console.log"));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
}

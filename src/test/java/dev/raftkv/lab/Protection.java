package dev.raftkv.lab;

import dev.raftkv.lab.fault.Network;
import dev.raftkv.testkit.Access;
import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.Tool;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What protects the nodes of a run from those who have no business there.
 *
 * @param directory with all that was made for it; empty if they are not protected
 * @param clients who read and write
 * @param operator who does everything
 */
record Protection(Optional<Path> directory, Access clients, Access operator) {
    /** Of nodes whose network is trusted. */
    static final Protection NONE = new Protection(Optional.empty(), Access.OPEN, Access.OPEN);

    private static final String TOKENS = "tokens";
    private static final String SECRET = "secret";

    /** Makes certificates, a secret and tokens, as an operator would: by the program that the WAR is. */
    static Protection make(Path directory, Network network, int nodes) throws IOException {
        for (int node = 0; node < nodes; node++) {
            run("certs", directory.toString(), name(node), "--hosts", String.join(",", hosts(network, node)));
        }
        List<String> lines = new ArrayList<>();
        String clients = token(lines, "clients", "writer");
        String operator = token(lines, "operator", "admin");
        write(directory.resolve(TOKENS), String.join("\n", lines) + "\n");
        write(directory.resolve(SECRET), UUID.randomUUID() + "" + UUID.randomUUID());
        Path authority = directory.resolve("ca.pem");
        return new Protection(Optional.of(directory), Access.of(authority, clients), Access.of(authority, operator));
    }

    private static Set<String> hosts(Network network, int node) {
        Set<String> hosts = new LinkedHashSet<>();
        for (String url :
                List.of("tcp://" + network.raftAddress(node), network.httpAddress(node), network.clientUrl(node))) {
            hosts.add(URI.create(url).getHost());
        }
        return hosts;
    }

    /** Returns the token; its line for the nodes goes to the others. */
    private static String token(List<String> lines, String name, String role) throws IOException {
        List<String> said = run("token", name, role).lines().toList();
        lines.add(said.stream()
                .filter(line -> line.startsWith(name + ":" + role + ":"))
                .findFirst()
                .orElseThrow(() -> new IOException("no line for a file of tokens in " + said.size() + " lines")));
        return said.get(said.size() - 1);
    }

    private static String run(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                Build.SHORT_LIFE,
                "-jar",
                Build.war().toString()));
        command.addAll(List.of(words));
        Tool.Result result = Tool.run(Path.of("").toAbsolutePath(), "", command.toArray(String[]::new));
        if (result.exit() != 0) {
            throw new IOException(String.join(" ", words) + ": " + result.output());
        }
        return result.output();
    }

    private static void write(Path file, String text) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
    }

    private static String name(int node) {
        return "node" + (node + 1);
    }

    /** What a node has to be told, on top of the settings of its network. */
    Map<String, String> settings(Network network, int node) {
        if (directory.isEmpty()) {
            return Map.of();
        }
        Path made = directory.get();
        Map<String, String> settings = new HashMap<>();
        settings.put("RAFT_TLS", made.resolve(name(node)).toString());
        settings.put("RAFT_AUTH", made.resolve(TOKENS).toString());
        settings.put("RAFT_NODE_SECRET", made.resolve(SECRET).toString());
        settings.put("RAFT_HTTP_ADDRESS", url(network.httpAddress(node)));
        settings.put("RAFT_INSECURE", "false");
        return settings;
    }

    /** Where a node that has the URL in its network is found. */
    String url(String plain) {
        return directory.isEmpty() ? plain : plain.replaceFirst("^http:", "https:");
    }
}

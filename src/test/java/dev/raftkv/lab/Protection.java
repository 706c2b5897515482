package dev.raftkv.lab;

import dev.raftkv.lab.fault.Network;
import dev.raftkv.testkit.Access;
import dev.raftkv.testkit.WarProgram;
import dev.raftkv.testkit.WarProgram.Token;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
            WarProgram.certificates(directory, name(node), hosts(network, node));
        }
        Token clients = WarProgram.token("clients", "writer");
        Token operator = WarProgram.token("operator", "admin");
        write(directory.resolve(TOKENS), clients.line() + "\n" + operator.line() + "\n");
        write(directory.resolve(SECRET), UUID.randomUUID() + "" + UUID.randomUUID());
        Path authority = directory.resolve("ca.pem");
        return new Protection(
                Optional.of(directory), Access.of(authority, clients.token()), Access.of(authority, operator.token()));
    }

    private static Set<String> hosts(Network network, int node) {
        Set<String> hosts = new LinkedHashSet<>();
        for (String url :
                List.of("tcp://" + network.raftAddress(node), network.httpAddress(node), network.clientUrl(node))) {
            hosts.add(URI.create(url).getHost());
        }
        return hosts;
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

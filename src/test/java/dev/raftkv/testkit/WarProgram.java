package dev.raftkv.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The commands of {@code java -jar raftkv.war} that make what protects nodes, run as an operator runs them. */
public final class WarProgram {
    private WarProgram() {}

    /**
     * A token.
     *
     * @param line for the nodes' file of tokens
     * @param token for who is to show it
     */
    public record Token(String line, String token) {}

    /** @param roles with commas between them */
    public static Token token(String name, String roles) throws IOException {
        List<String> said = run("token", name, roles).lines().toList();
        String line = said.stream()
                .filter(each -> each.startsWith(name + ":" + roles + ":"))
                .findFirst()
                .orElseThrow(() -> new IOException("no line for a file of tokens: " + said));
        return new Token(line, said.get(said.size() - 1));
    }

    /** Makes certificates for a node that others reach by these names and addresses, with the authority of the directory. */
    public static void certificates(Path directory, String node, Iterable<String> hosts) throws IOException {
        run("certs", directory.toString(), node, "--hosts", String.join(",", hosts));
    }

    private static String run(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ServerCommand.java(), Build.SHORT_LIFE, "-jar", Build.war().toString()));
        command.addAll(List.of(words));
        Tool.Result result = Tool.run(Path.of("").toAbsolutePath(), "", command.toArray(String[]::new));
        if (result.exit() != 0) {
            throw new IOException(String.join(" ", words) + ": " + result.output());
        }
        return result.output();
    }
}

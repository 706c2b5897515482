package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a server has of its web applications, those that went included. */
record WebApplications(ServerProcess server, Path base) {
    /** For {@code JAVA_OPTS}: a class loader that only soft references keep is no leak. */
    static final String NO_SOFT_REFERENCES = "-XX:SoftRefLRUPolicyMSPerMB=0";

    /** A segment of the Raft log is named after its entries. */
    private static final Pattern LOG_INDEX = Pattern.compile("log_[a-z0-9_-]+$");

    private static final Pattern CLASS_LOADERS = Pattern.compile("\\s(\\d+)\\s+\\d+\\s+"
            + "(?:org\\.apache\\.catalina\\.loader\\.ParallelWebappClassLoader"
            + "|org\\.eclipse\\.jetty\\.ee\\d*\\.webapp\\.WebAppClassLoader)\\s");

    /** How many class loaders a full collection leaves: a thread of an application that went would hold one, too. */
    int classLoaders() throws IOException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(server.pid()),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String histogram = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher matcher = CLASS_LOADERS.matcher(histogram);
        assertTrue(matcher.find(), histogram);
        return Integer.parseInt(matcher.group(1));
    }

    /**
     * The files below the server's directory that are open, by their names there, but for those of the stores, whose number
     * changes, and the JARs, which Tomcat opens and closes as it likes: if one stays, its class loader does. None where the
     * system does not tell.
     */
    List<String> openFiles() throws IOException {
        Path descriptors = Path.of("/proc", Long.toString(server.pid()), "fd");
        if (!Files.isDirectory(descriptors)) {
            return List.of();
        }
        try (Stream<Path> links = Files.list(descriptors)) {
            return links.map(WebApplications::target)
                    .filter(file -> file.startsWith(base.toString()))
                    .filter(file -> !file.endsWith(".jdb") && !file.endsWith(".jar"))
                    .map(file -> LOG_INDEX
                            .matcher(file.substring(base.toString().length()))
                            .replaceAll("log"))
                    .sorted()
                    .toList();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            // It was closed just now.
            return "";
        }
    }
}

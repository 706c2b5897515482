package dev.raftkv.testkit;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a server process is started.
 *
 * @param environment is added to ours, of which the settings of nodes and servers have been taken out
 * @param directory the working directory
 * @param log is appended to
 */
public record ServerCommand(List<String> words, Map<String, String> environment, Path directory, Path log) {
    /** The same with one more environment variable. */
    public ServerCommand with(String name, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(name, value);
        return new ServerCommand(words, more, directory, log);
    }

    /** The program that this JVM was started with. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}

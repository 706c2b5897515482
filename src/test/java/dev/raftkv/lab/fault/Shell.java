package dev.raftkv.lab.fault;

import dev.raftkv.testkit.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Short commands of the system. */
final class Shell {
    private Shell() {}

    /**
     * Runs it, and returns what it wrote.
     *
     * @throws IOException if it ends with another code than 0, with what it wrote
     */
    static String run(String... words) throws IOException {
        Tool.Result result = Tool.run(Path.of("/"), "", words);
        if (result.exit() != 0) {
            throw new IOException(String.join(" ", words) + " ended with " + result.exit() + ": "
                    + result.output().strip());
        }
        return result.output();
    }

    /** The same in words that are separated by spaces. */
    static String run(String words) throws IOException {
        return run(words.split(" "));
    }

    /** Whether it ends well; a program that is not there does not. */
    static boolean succeeds(String words) {
        try {
            return Tool.run(Path.of("/"), "", words.split(" ")).exit() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    static boolean isRoot() {
        try {
            return run("id -u").strip().equals("0");
        } catch (IOException e) {
            return false;
        }
    }

    /** The names that are not on the PATH. */
    static List<String> missing(String... names) {
        return List.of(names).stream().filter(name -> !Tool.isInstalled(name)).toList();
    }
}

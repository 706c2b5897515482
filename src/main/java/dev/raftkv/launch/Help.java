package dev.raftkv.launch;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The text of {@code --help}, made of the options themselves. */
final class Help {
    private static final int COLUMN = Arrays.stream(LaunchOption.values())
                    .mapToInt(option -> option.usage().length())
                    .max()
                    .orElse(0)
            + 2;

    private Help() {}

    static String text() {
        return """
                Starts a raftkv node with an HTTP server of its own.

                  java -jar raftkv.war [options]

                Options of a node:

                %s
                An option wins over the system property and the environment variable of the name in brackets. The other
                settings of the README have no option, and are set as one of these two.

                Instead of options a command, which starts no node:

                %s
                All else is asked of a node that runs, by HTTP or on its page in a browser: /backup and /restore, and below /raft
                join (with a suffrage, or by force), remove, transfer, snapshot, members, cluster, log and events; the README
                tells each. The survivor of a majority that is lost for good is started once with RAFT_RECOVER.

                With the JVM switches that a node should have: java @deploy/jvm.options -jar raftkv.war [options]
                Ctrl-C or SIGTERM stops the node in order. Exit code 1: it could not start; 2: an option is wrong.
                """.formatted(
                        Arrays.stream(LaunchOption.values()).map(Help::line).collect(Collectors.joining()),
                        Arrays.stream(LaunchCommand.values()).map(Help::line).collect(Collectors.joining()));
    }

    private static String line(LaunchCommand command) {
        return "  " + command.usage() + "\n      " + command.help() + "\n";
    }

    private static String line(LaunchOption option) {
        String notes = Stream.of(
                        option.setting().orElse(""),
                        option.byDefault().isEmpty() ? "" : "default " + option.byDefault())
                .filter(note -> !note.isEmpty())
                .collect(Collectors.joining(", "));
        return "  " + option.usage() + " ".repeat(COLUMN - option.usage().length()) + option.help()
                + (notes.isEmpty() ? "" : " (" + notes + ")") + "\n";
    }
}

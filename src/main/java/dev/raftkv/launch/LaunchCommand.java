package dev.raftkv.launch;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the program can do beside starting a node, by the first word of its command line: the only source of each command's
 * name, what it takes and its line in the help.
 */
enum LaunchCommand {
    CERTS(CertsCommand.USAGE, "make certificates for RAFT_TLS", (words, out, error) -> CertsCommand.run(words, out)),
    TOKEN(
            TokenCommand.USAGE,
            "make a token for RAFT_AUTH: its line for the file, and the token itself",
            TokenCommand::run),
    BACKUP(BackupCommand.USAGE, "write a backup of a cluster that runs into a file", BackupCommand::run),
    RESTORE(RestoreCommand.USAGE, "put a backup into a cluster that runs", RestoreCommand::run);

    private final String usage;
    private final String help;
    private final Action action;

    LaunchCommand(String usage, String help, Action action) {
        this.usage = usage;
        this.help = help;
        this.action = action;
    }

    static Optional<LaunchCommand> named(String word) {
        return Arrays.stream(values())
                .filter(command -> command.word().equals(word))
                .findFirst();
    }

    /** As it is written on the command line. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The command with what it takes, as the help shows it. */
    String usage() {
        return word() + " " + usage;
    }

    /** What it is for, half a sentence. */
    String help() {
        return help;
    }

    /**
     * Does it, and ends.
     *
     * @param arguments the words that follow its name
     * @throws LaunchException if that is not possible, with what to do
     */
    void run(List<String> arguments, PrintStream out, PrintStream error) throws LaunchException {
        action.run(arguments, out, error);
    }

    private interface Action {
        void run(List<String> arguments, PrintStream out, PrintStream error) throws LaunchException;
    }
}

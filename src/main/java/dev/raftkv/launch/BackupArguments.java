package dev.raftkv.launch;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the commands {@code backup} and {@code restore} are told.
 *
 * @param node the context root of a node, without a slash at its end
 * @param file the backup
 * @param prefix of the part that is meant; empty for all
 * @param replace whether keys that are there may be replaced
 * @param token to be shown to the node, of visible ASCII characters
 * @param authority certificates of who vouches for the node, where the JDK's do not
 */
record BackupArguments(
        URI node, Path file, String prefix, boolean replace, Optional<String> token, Optional<Path> authority) {
    static final String OPTIONS = "[--prefix PREFIX] [--token-file FILE] [--ca FILE]";
    static final String REPLACE = "--replace";
    private static final String TOKEN = "RAFT_TOKEN";

    /** @throws LaunchException if they are not acceptable */
    static BackupArguments parse(LaunchCommand command, List<String> arguments, Map<String, String> environment)
            throws LaunchException {
        List<String> words = new ArrayList<>();
        String prefix = "";
        boolean replace = false;
        Optional<String> token = Optional.ofNullable(environment.get(TOKEN)).filter(set -> !set.isBlank());
        Optional<Path> authority = Optional.empty();
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String word = rest.next();
            switch (word) {
                case "--prefix" -> prefix = value(command, word, rest);
                case "--token-file" -> token = Optional.of(read(path(command, value(command, word, rest))));
                case "--ca" -> authority = Optional.of(path(command, value(command, word, rest)));
                default -> {
                    boolean replaces = command == LaunchCommand.RESTORE && word.equals(REPLACE);
                    if (!replaces && word.startsWith("--")) {
                        throw wrongUse(command, word + " is no option of it");
                    }
                    replace |= replaces;
                    if (!replaces) {
                        words.add(word);
                    }
                }
            }
        }
        if (words.size() != 2) {
            throw wrongUse(command, "it needs the address of a node and a file");
        }
        if (!token.orElse("").matches("[!-~]*")) {
            throw new LaunchException(LaunchException.EXIT_WRONG_USE, "the token has characters that no token has");
        }
        return new BackupArguments(
                node(command, words.get(0)), path(command, words.get(1)), prefix, replace, token, authority);
    }

    private static String value(LaunchCommand command, String option, Iterator<String> rest) throws LaunchException {
        if (!rest.hasNext()) {
            throw wrongUse(command, option + " needs a value");
        }
        return rest.next();
    }

    private static Path path(LaunchCommand command, String text) throws LaunchException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw wrongUse(command, text + " is no path of a file");
        }
    }

    /** The last line: what {@code token} says beside the line for the file ends with it. */
    private static String read(Path tokenFile) throws LaunchException {
        try {
            List<String> lines = Files.readString(tokenFile).strip().lines().toList();
            if (lines.isEmpty()) {
                throw new LaunchException(
                        LaunchException.EXIT_WRONG_USE, tokenFile + " is empty: it has to hold a token");
            }
            return lines.get(lines.size() - 1).strip();
        } catch (IOException e) {
            throw new LaunchException("cannot read the token file " + tokenFile + " (" + e + ")", e);
        }
    }

    private static URI node(LaunchCommand command, String text) throws LaunchException {
        try {
            URI address = URI.create(text.replaceFirst("/+$", ""));
            String scheme =
                    address.getScheme() == null ? "" : address.getScheme().toLowerCase(Locale.ROOT);
            if ((scheme.equals("http") || scheme.equals("https"))
                    && address.getHost() != null
                    && address.getQuery() == null) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            throw wrongUse(command, text + " is no address: " + e.getMessage());
        }
        throw wrongUse(command, text + " is no address of a node: give one such as http://localhost:8080");
    }

    static LaunchException wrongUse(LaunchCommand command, String problem) {
        return new LaunchException(
                LaunchException.EXIT_WRONG_USE, problem + "\nUse it so: java -jar raftkv.war " + command.usage());
    }
}

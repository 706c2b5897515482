package dev.raftkv.launch;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The classes of a node as the JVM has made them of their files, in a file beside the WAR, which a JVM with
 * {@code -XX:SharedArchiveFile} takes over instead of making them again. It fits one Java and one WAR; with others the JVM
 * does without it.
 */
final class ClassArchive {
    private static final String USE = "-XX:SharedArchiveFile=";
    private static final String MAKE = "-XX:ArchiveClassesAtExit=";

    /** What a JVM that makes an archive must not have, or must not share with this one. */
    private static final List<String> OWN = List.of(
            USE,
            MAKE,
            "-XX:+AutoCreateSharedArchive",
            "-Xshare",
            "-Xlog",
            "-agentlib:",
            "-agentpath:",
            "-javaagent:",
            "-DRAFT_",
            "-DSERVER_PORT");

    private final Path war;
    private final Path file;

    private ClassArchive(Path war, Path file) {
        this.war = war;
        this.file = file;
    }

    /** The one that belongs to a WAR, whether it is there or not. */
    static ClassArchive of(Path war) {
        Path absolute = war.toAbsolutePath();
        String name = absolute.getFileName().toString().replaceFirst("\\.war$", "");
        return new ClassArchive(absolute, absolute.resolveSibling(name + ".jsa"));
    }

    /**
     * Makes it, in the place of an older one: starts a node with the switches of this JVM, lets it do a bit of everything and
     * stops it, when the JVM writes what was loaded.
     *
     * @param directory for what that node writes
     * @throws LaunchException with what to do; then an older one is as it was
     */
    void make(Path directory, PrintStream out) throws LaunchException {
        if (!ProcessHandle.current().supportsNormalTermination()) {
            throw new LaunchException(
                    LaunchException.EXIT_WRONG_USE,
                    "no archive of classes can be made here: Java writes it when a process ends in order, and this system"
                            + " cannot ask a process to do that");
        }
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            // Whether it may be written is found out before anything is started.
            Files.deleteIfExists(part);
            Files.createFile(part);
            rehearse(part, directory);
            if (Files.size(part) == 0) {
                throw new LaunchException(
                        LaunchException.EXIT_FAILED,
                        "this Java (" + System.getProperty("java.vm.version")
                                + ") has made no archive of classes: one of" + " OpenJDK from 17 on does");
            }
            // The JVM lets its user alone read it if the umask says so; whose nodes run the WAR is to have the archive
            // too.
            Files.setPosixFilePermissions(part, Files.getPosixFilePermissions(war));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new LaunchException(
                    "cannot make " + file + " (" + e + "): it needs about as much room as the WAR, and to be written by"
                            + " this user",
                    e);
        } finally {
            deleteQuietly(part);
        }
        out.println(file + " is made. It fits this Java and this WAR: make it again when one of them has changed.\n"
                + "Start nodes with it so: java " + USE + file + " -jar " + war);
    }

    private void rehearse(Path part, Path directory) throws IOException, LaunchException {
        List<String> jvm = new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
        jvm.removeIf(argument -> OWN.stream().anyMatch(argument::startsWith));
        // It would tell of each class that it leaves out.
        jvm.addAll(List.of("-Xlog:disable", "-Xlog:all=error", MAKE + part));
        try (Rehearsal rehearsal = Rehearsal.start(jvm, war, directory)) {
            rehearsal.perform();
            rehearsal.end();
        }
    }

    private static void deleteQuietly(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            // What is in the way of this is in the way of the archive too, and told.
            return;
        }
    }

    /**
     * Why a start is slower than whoever gave an archive wants it to be; empty if none was given, or if nothing is wrong that
     * can be seen from here.
     *
     * @param arguments of this JVM
     */
    Optional<String> complaint(List<String> arguments) {
        return arguments.stream()
                .filter(argument -> argument.startsWith(USE))
                .reduce((before, last) -> last)
                .flatMap(argument -> complaint(argument.substring(USE.length())));
    }

    private Optional<String> complaint(String given) {
        String again = "; make it with java -jar " + war + " --cds";
        try {
            Path used = Path.of(given);
            if (!Files.isRegularFile(used) || !Files.isReadable(used)) {
                return Optional.of(
                        "starts slower, without the archive of classes " + given + ", which cannot be read" + again);
            }
            return Files.getLastModifiedTime(used).compareTo(Files.getLastModifiedTime(war)) < 0
                    ? Optional.of("starts slower, without the archive of classes " + given
                            + ", which is older than the WAR" + again)
                    : Optional.empty();
        } catch (IOException | InvalidPathException e) {
            // The JVM takes lists of files too, and knows whether they are right.
            return Optional.empty();
        }
    }
}

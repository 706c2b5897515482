package dev.raftkv.launch;

import dev.raftkv.tls.Tls;
import dev.raftkv.tls.TlsException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Does what a command line asks for. */
final class Launcher {
    private Launcher() {}

    /** Called by {@link Main}, by name. Returns when the node runs, or when a command is done; ends the JVM if it cannot. */
    static void launch(String[] arguments) {
        try {
            Optional<LaunchCommand> command =
                    arguments.length == 0 ? Optional.empty() : LaunchCommand.named(arguments[0]);
            if (command.isPresent()) {
                command.get().run(Arrays.asList(arguments).subList(1, arguments.length), System.out, System.err);
                return;
            }
            LaunchOptions options = LaunchOptions.parse(arguments);
            if (options.has(LaunchOption.HELP)) {
                System.out.print(Help.text());
            } else if (options.has(LaunchOption.VERSION)) {
                System.out.println("raftkv " + version());
            } else if (options.has(LaunchOption.CDS)) {
                archiveClasses();
            } else {
                start(new LaunchSettings(options, System.getProperties(), System.getenv()));
            }
        } catch (LaunchException e) {
            if (!e.isTold()) {
                System.err.println(e.getMessage());
            }
            System.exit(e.exitCode());
        }
    }

    private static void archiveClasses() throws LaunchException {
        Path war = war();
        try (WorkDirectory directory = workDirectory()) {
            ClassArchive.of(war).make(directory.path(), System.out);
        } catch (IOException e) {
            // It is made, or what was told is more; the next launch deletes what it has left.
            return;
        }
    }

    private static void start(LaunchSettings settings) throws LaunchException {
        settings.check();
        JvmSettings.apply();
        Logging.start(settings.logFormat());
        Path war = war();
        Optional<Tls> tls = tls(settings);
        WorkDirectory directory = workDirectory();
        Launch launch = new Launch(settings, war, directory, tls);
        Runtime.getRuntime().addShutdownHook(new Thread(launch::close, "raftkv-launch-stop"));
        launch.start();
        // Last, so that it delays nobody.
        directory.deleteAbandoned();
    }

    private static Optional<Tls> tls(LaunchSettings settings) throws LaunchException {
        try {
            return settings.tls().map(Tls::open);
        } catch (TlsException e) {
            throw new LaunchException(e.getMessage(), e);
        }
    }

    private static WorkDirectory workDirectory() throws LaunchException {
        String parent = System.getProperty("java.io.tmpdir");
        try {
            return WorkDirectory.create(Path.of(parent));
        } catch (IOException e) {
            throw new LaunchException(
                    "cannot write to the temporary directory " + parent + " (" + e
                            + "): correct this, or name another with java -Djava.io.tmpdir=DIRECTORY",
                    e);
        }
    }

    private static Path war() throws LaunchException {
        try {
            Path war = Path.of(Launcher.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            if (Files.isRegularFile(war)) {
                return war;
            }
        } catch (URISyntaxException e) {
            throw new LaunchException("cannot find raftkv.war: " + e.getMessage(), e);
        }
        throw new LaunchException(
                LaunchException.EXIT_WRONG_USE, "the launcher runs from its WAR only: java -jar raftkv.war");
    }

    /** As the WAR's manifest says. */
    private static String version() {
        return Launcher.class.getPackage().getImplementationVersion();
    }
}

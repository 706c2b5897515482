package dev.raftkv.launch;

import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.net.BindException;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** One node with its server, from start to stop. One thread starts it, another closes it, perhaps while it starts. */
final class Launch implements AutoCloseable {
    /** Loaded by a class loader of its own, and so known by name only. */
    private static final String SERVER = "dev.raftkv.launch.server.EmbeddedServer";

    /** For a start that is told to stop: it ends before that, or is given up, which is as safe as kill -9. */
    private static final int START_SECONDS = 10;

    private static final Logger LOG = Logger.getLogger(Launch.class.getName());

    private final LaunchSettings settings;
    private final Path war;
    private final WorkDirectory directory;
    private final Optional<Tls> tls;

    /** Done when the server runs, or never will. */
    private final CompletableFuture<AutoCloseable> server = new CompletableFuture<>();

    Launch(LaunchSettings settings, Path war, WorkDirectory directory, Optional<Tls> tls) {
        this.settings = settings;
        this.war = war;
        this.directory = directory;
        this.tls = tls;
    }

    /**
     * Starts the server, and the node in it.
     *
     * @throws LaunchException if one of them does not start; all is closed again
     */
    void start() throws LaunchException {
        ClassArchive.of(war)
                .complaint(ManagementFactory.getRuntimeMXBean().getInputArguments())
                .ifPresent(LOG::warning);
        try {
            server.complete(startServer());
        } catch (Exception | Error e) {
            server.completeExceptionally(e);
            throw failure(e);
        }
        LOG.info(() -> (tls.isPresent() ? "HTTPS at https" : "HTTP at http") + "://localhost:" + settings.port()
                + settings.contextPath() + "/ until Ctrl-C or SIGTERM");
    }

    private AutoCloseable startServer() throws IOException, ReflectiveOperationException {
        UnpackedWar unpacked = UnpackedWar.unpack(war, directory.path());
        // Closed by the end of the process: classes are needed until the last step of the stop.
        URLClassLoader loader = unpacked.serverLoader();
        Thread.currentThread().setContextClassLoader(loader);
        ServerPlan plan = new ServerPlan(
                settings.httpHost(),
                settings.port(),
                settings.contextPath(),
                unpacked.application(),
                directory.path().resolve("tmp"),
                tls,
                settings.parameters());
        return (AutoCloseable) Class.forName(SERVER, true, loader)
                .getMethod("start", ServerPlan.class)
                .invoke(null, plan);
    }

    private LaunchException failure(Throwable thrown) {
        Throwable cause = thrown instanceof InvocationTargetException ? thrown.getCause() : thrown;
        Optional<Throwable> bind = Stream.iterate(cause, each -> each != null, Throwable::getCause)
                .filter(BindException.class::isInstance)
                .findFirst();
        if (bind.isPresent()) {
            return new LaunchException(
                    "cannot listen on the HTTP port " + settings.port() + " of " + settings.httpHost() + " ("
                            + bind.get().getMessage() + "): end what uses it, or choose another with "
                            + LaunchOption.PORT.flag() + " or " + LaunchOption.HTTP_HOST.flag(),
                    cause);
        }
        if (cause instanceof NodeNotStarted) {
            return LaunchException.told(cause);
        }
        LOG.log(Level.SEVERE, "the server does not start", cause);
        return new LaunchException("the server does not start: " + cause, cause);
    }

    /** Stops the node and the server, in order, and deletes what was unpacked. Called when the JVM shuts down. */
    @Override
    public void close() {
        try {
            AutoCloseable running = server.get(START_SECONDS, TimeUnit.SECONDS);
            LOG.info("stopping");
            running.close();
            LOG.info("stopped");
        } catch (TimeoutException e) {
            LOG.warning("ends in the middle of its start");
            // What was unpacked is still in use, and for the next launch to delete.
            return;
        } catch (ExecutionException e) {
            // The start has told why.
            LOG.log(Level.FINE, "nothing to stop", e);
        } catch (Exception e) {
            LOG.log(Level.SEVERE, "the server did not stop as it should", e);
        }
        try {
            directory.close();
        } catch (IOException e) {
            LOG.log(Level.FINE, "the next launch deletes " + directory.path(), e);
        }
    }
}

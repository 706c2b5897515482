package dev.raftkv.launch.server;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.raftkv.launch.NodeNotStarted;
import dev.raftkv.launch.ServerPlan;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.ee10.servlet.DefaultServlet;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.ee10.webapp.Configuration;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.ee10.webapp.WebInfConfiguration;
import org.eclipse.jetty.ee10.webapp.WebXmlConfiguration;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Jetty with one web application. */
public final class EmbeddedServer {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServer.class);

    /**
     * No request waits on a thread, neither for the node nor for its client, so there are some for each processor. More would
     * only make more answers at the same time, each of which takes a few MiB if the values are large.
     */
    private static final int MAX_THREADS = Math.max(16, 4 * Runtime.getRuntime().availableProcessors());

    private static final int MIN_THREADS = 4;

    /** They read requests, and answer those that wait for nothing. */
    private static final int SELECTORS = selectors(Runtime.getRuntime().availableProcessors());

    /** That wait until they are taken. One that finds no place comes again after a second, and later each time. */
    private static final int NEW_CONNECTIONS = 1024;

    /** What the node, the JVM and this server open besides connections of clients. */
    private static final int OTHER_FILES = 256;

    /** A request line and its headers: the path and the query of the longest key have place, escaped. */
    static final int HEAD_BYTES = 8192;

    private static final int MOST_FILES = 1 << 20;
    private static final int FEWEST_CONNECTIONS = 64;
    private static final int CROWDED_IDLE_MILLIS = 2000;

    /** For the answers that are on their way when a stop begins; watches have no end of their own. */
    private static final int STOP_MILLIS = 500;

    /** Attributes of the context that the web application sets and reads, by its names for them. */
    private static final String START_FAILURE = "dev.raftkv.startFailure";

    private static final String BEFORE_STOP = "dev.raftkv.beforeStop";

    private static final String PARAMETERS = "dev.raftkv.parameters";

    private static final String SHIELD = "dev.raftkv.shield";
    private static final String HTTP_HOST = "dev.raftkv.httpHost";
    private static final String ENCRYPTED = "dev.raftkv.encrypted";

    /**
     * What clients that are made by generators write for a slash, a percent sign and a backslash in a key, and two slashes in
     * one. The web application decodes paths by itself, once, and serves no files by them.
     */
    private static final UriCompliance.Violation[] FORMS_OF_KEYS = {
        UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR,
        UriCompliance.Violation.AMBIGUOUS_EMPTY_SEGMENT,
        UriCompliance.Violation.AMBIGUOUS_PATH_ENCODING,
        UriCompliance.Violation.SUSPICIOUS_PATH_CHARACTERS
    };

    private EmbeddedServer() {}

    /**
     * Returns when the web application runs. What it returns stops it: the requests, the node and then the server, with a
     * limited time for each.
     *
     * @throws java.net.BindException as a cause, before the web application is touched, if the port cannot be had
     * @throws NodeNotStarted with everything closed again
     */
    public static AutoCloseable start(ServerPlan plan) throws Exception {
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
        threads.setName("http");
        Server server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(HEAD_BYTES);
        http.addCustomizer(new Shield());
        http.setUriCompliance(UriCompliance.DEFAULT.with("raftkv", FORMS_OF_KEYS));
        ServerConnector connector = plan.tls()
                .map(tls -> SecurePort.connector(server, http, tls, SELECTORS))
                .orElseGet(() -> new ServerConnector(server, -1, SELECTORS, new HttpConnectionFactory(http)));
        connector.setHost(plan.host());
        connector.setPort(plan.port());
        connector.setAcceptQueueSize(NEW_CONNECTIONS);
        connector.setShutdownIdleTimeout(STOP_MILLIS);
        server.addConnector(connector);
        server.addBean(connections(connector));
        WebAppContext application = application(plan);
        GracefulHandler door = new GracefulHandler(application);
        server.setHandler(new ReadingThread(
                plan.tls().isPresent() ? new EncryptedOnly(door) : door, threads, application, plan.contextPath()));
        server.setErrorHandler(new ServerErrors(plan.tls().isPresent()));
        server.setStopTimeout(STOP_MILLIS);
        // Clients that came earlier would wait for all of the start, in place of going to another node.
        server.setOpenEarly(false);
        probe(plan);
        try {
            server.start();
        } catch (Exception e) {
            // The port was taken since, or the application is not the node's.
            try {
                stop(connector, door, application, server);
            } catch (Exception also) {
                e.addSuppressed(also);
            }
            throw e;
        }
        Object failure = application.getContext().getAttribute(START_FAILURE);
        if (failure != null) {
            // Nobody else lives here: a supervisor learns more from the end of the process than from its answers.
            stop(connector, door, application, server);
            throw new NodeNotStarted(failure.toString());
        }
        return () -> stop(connector, door, application, server);
    }

    private static int selectors(int processors) {
        return processors == 1 ? 1 : Math.max(2, processors / 2);
    }

    private static void probe(ServerPlan plan) throws IOException {
        try (ServerSocketChannel probe = ServerSocketChannel.open()) {
            probe.bind(new InetSocketAddress(plan.host(), plan.port()));
        }
    }

    /**
     * Fewer connections than files that the process may open: the node needs some for its log and store at any time. When all
     * are taken, new ones wait, and those on which nothing moves are closed.
     */
    private static NetworkConnectionLimit connections(ServerConnector connector) {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        long files = system instanceof UnixOperatingSystemMXBean unix ? unix.getMaxFileDescriptorCount() : MOST_FILES;
        long most = Math.max(FEWEST_CONNECTIONS, Math.min(files, MOST_FILES) - OTHER_FILES);
        NetworkConnectionLimit limit = new NetworkConnectionLimit((int) most, connector);
        limit.setEndPointIdleTimeout(CROWDED_IDLE_MILLIS);
        return limit;
    }

    /**
     * The node hands its leadership over first: requests that go on would keep the cluster from its next leader. Then the port is
     * closed, so that new clients go to another node at once: after a 503 they would wait for a second. Those who are connected are
     * answered for a moment more, and told to go. The application stops while its clients are still connected: so the node can end
     * their watches with the last event.
     */
    private static void stop(ServerConnector connector, GracefulHandler door, WebAppContext application, Server server)
            throws Exception {
        if (application.getContext().getAttribute(BEFORE_STOP) instanceof Runnable beforeStop) {
            try {
                application.getContext().run(beforeStop);
            } catch (RuntimeException e) {
                LOG.warn("the node did not prepare for its stop", e);
            }
        }
        await(connector.shutdown());
        await(door.shutdown());
        application.stop();
        try {
            server.stop();
        } catch (TimeoutException e) {
            // It has stopped all the same, and cut some connections.
            LOG.debug("some connections were cut", e);
        }
    }

    private static void await(CompletableFuture<Void> shutdown) throws Exception {
        try {
            shutdown.get(STOP_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.debug("some requests go on", e);
        }
    }

    private static WebAppContext application(ServerPlan plan) throws IOException {
        Files.createDirectories(plan.temporary());
        // Nobody has a session here, and the server knows no users.
        WebAppContext context = new WebAppContext(
                plan.contextPath().isEmpty() ? "/" : plan.contextPath(),
                null,
                null,
                null,
                null,
                WebAppContext.NO_SESSIONS | WebAppContext.NO_SECURITY);
        context.setBaseResourceAsPath(plan.application());
        context.setTempDirectory(plan.temporary().toFile());
        // What web.xml says and nothing else: no JAR file is scanned, and there are no JSPs.
        context.setConfigurations(new Configuration[] {new WebInfConfiguration(), new WebXmlConfiguration()});
        context.setDefaultsDescriptor(null);
        ServletHolder files = new ServletHolder("default", DefaultServlet.class);
        files.setInitParameter("dirAllowed", "false");
        context.addServlet(files, "/");
        context.getServletHandler().setDecodeAmbiguousURIs(true);
        // They are kept by path, and each key is one: more work than to make one filter's chain.
        context.getServletHandler().setFilterChainsCached(false);
        // The web application has its own slf4j; Jetty hides the rest of itself.
        context.getHiddenClassMatcher().add("org.slf4j.", "dev.raftkv.launch.", "dev.raftkv.tls.");
        // The node's listener answers for what goes wrong in the node; anything else is a defect, and told at once.
        context.setThrowUnavailableOnStartupException(true);
        plan.parameters().forEach(context::setInitParameter);
        context.setAttribute(PARAMETERS, "command line");
        context.setAttribute(SHIELD, true);
        context.setErrorHandler(new ServerErrors(plan.tls().isPresent()));
        context.setAttribute(HTTP_HOST, plan.host());
        context.setAttribute(ENCRYPTED, plan.tls().isPresent());
        return context;
    }
}

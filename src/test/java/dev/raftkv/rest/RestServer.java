package dev.raftkv.rest;

import dev.raftkv.access.Seals;
import dev.raftkv.config.NodeConfig.Consul;
import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.kv.KvService;
import dev.raftkv.kv.Unsent;
import dev.raftkv.model.ReadLevel;
import dev.raftkv.ops.Health;
import dev.raftkv.ops.Metrics;
import dev.raftkv.ops.Vitals;
import dev.raftkv.peer.NodeHttp;
import dev.raftkv.raft.look.Events;
import dev.raftkv.rest.access.Login;
import dev.raftkv.rest.backup.RestoreOperations;
import dev.raftkv.rest.browser.Browsers;
import dev.raftkv.rest.http.Replies.Pace;
import dev.raftkv.rest.look.Inside;
import dev.raftkv.tls.Tls;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** The API of one node on a free port, under a context path of its own. */
final class RestServer implements AutoCloseable {
    static final int MAX_VALUE = 1024 * 1024;
    private static final Duration READ_WAIT = Duration.ofMillis(1500);
    /** So that tests see heartbeats and the end of patience. */
    static final Pace HASTE = new Pace(Duration.ofMillis(100), Duration.ofMillis(500), Duration.ofMillis(200));

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** What the requests go through. */
    enum Way {
        /** Jersey alone, which finds every operation. */
        JERSEY,
        /** With the shortcut before it, as in the web application. */
        SHORTCUT,
        /** The same, where the server says which requests its thread must not wait for. */
        READING_THREAD,
        /** Where somebody has not allowed asynchronous answers. */
        SYNCHRONOUS,
        /** Where clients of Consul are served as well. */
        CONSUL;

        private Server start(RestApplication api, Login login, List<String> origins, String context, AtomicInteger left)
                throws Exception {
            Server server = new Server();
            // What a container lets through is its own choice: here, all that it can.
            HttpConfiguration http = new HttpConfiguration();
            http.setUriCompliance(UriCompliance.UNSAFE);
            ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
            connector.setHost("127.0.0.1");
            server.addConnector(connector);
            ServletContextHandler webapp = new ServletContextHandler(context);
            FilterHolder browsers = new FilterHolder(
                    new Browsers("http://node.test:80/kv", List.of("other.test"), origins, api.replies()));
            browsers.setAsyncSupported(this != SYNCHRONOUS);
            webapp.addFilter(browsers, "/*", EnumSet.of(DispatcherType.REQUEST));
            ServletHolder jersey = new ServletHolder(api.servlet());
            jersey.setAsyncSupported(this != SYNCHRONOUS);
            webapp.addServlet(jersey, "/*");
            if (this == CONSUL) {
                ServletHolder consul = new ServletHolder(api.consulServlet().orElseThrow());
                consul.setAsyncSupported(true);
                webapp.addServlet(consul, "/v1/*");
            }
            FilterHolder gate = new FilterHolder(api.gate(login, Set.of()));
            gate.setAsyncSupported(true);
            webapp.addFilter(gate, "/*", EnumSet.of(DispatcherType.REQUEST));
            if (this == READING_THREAD) {
                FilterHolder marks = new FilterHolder(new Marks(api.atOnce(), context.length(), left));
                marks.setAsyncSupported(true);
                webapp.addFilter(marks, "/*", EnumSet.of(DispatcherType.REQUEST));
            }
            if (this == SHORTCUT || this == READING_THREAD) {
                FilterHolder shortcut = new FilterHolder(api.shortcut());
                shortcut.setAsyncSupported(true);
                webapp.addFilter(shortcut, "/store", EnumSet.of(DispatcherType.REQUEST));
                webapp.addFilter(shortcut, "/store/*", EnumSet.of(DispatcherType.REQUEST));
            }
            webapp.getServletHandler().setDecodeAmbiguousURIs(true);
            server.setHandler(webapp);
            server.start();
            return server;
        }
    }

    /** What the embedded server does. */
    private record Marks(BiPredicate<String, String> atOnce, int root, AtomicInteger left) implements Filter {
        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            HttpServletRequest asked = (HttpServletRequest) request;
            boolean must = asked.getMethod().equals("GET")
                    && atOnce.test(asked.getRequestURI().substring(root), asked.getQueryString());
            if (must) {
                asked.setAttribute(RestApplication.AT_ONCE, true);
            }
            chain.doFilter(request, response);
            if (must) {
                left.incrementAndGet();
            }
        }
    }

    /** Who the node is, how it knows who asks, and the pages of which other sites may. */
    record Guard(Seals seals, String nodeId, Login login, Optional<Tls> tls, List<String> origins) {
        Guard(Seals seals, String nodeId, Login login, Optional<Tls> tls) {
            this(seals, nodeId, login, tls, List.of());
        }

        static final Guard NONE = new Guard(Seals.none("node1"), "node1", Login.NONE, Optional.empty());
    }

    static final Vitals WELL = new Vitals(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of("node1"),
            0,
            Optional.empty());

    final FakeReplicator replicator;
    /** What the node's health is made of. */
    volatile Vitals vitals = WELL;

    /** Who finds out who asks. */
    volatile Login login;

    /** Whom the node hears of as the leader. */
    volatile Optional<Set<String>> inTouch = Optional.empty();

    final FakeMembers members = new FakeMembers();
    /** What the node's log has. */
    volatile FakeLog log = new FakeLog(0).withMetadata(1);

    /** What happens to the node. */
    final Events events;

    private final String context;
    private final RestApplication api;
    private final AtomicInteger left = new AtomicInteger();
    private final Server server;

    RestServer(Path directory, String context, FollowerWrites policy, Way way) {
        this(directory, context, policy, way, Guard.NONE);
    }

    RestServer(Path directory, String context, FollowerWrites policy, Way way, Guard guard) {
        this(directory, context, policy, way, HASTE, Unsent.ofThisProcess(), guard, 0);
    }

    /** @param minFreeBytes what a backup that comes has to leave of the disk */
    RestServer(Path directory, String context, FollowerWrites policy, Way way, long minFreeBytes) {
        this(directory, context, policy, way, HASTE, Unsent.ofThisProcess(), Guard.NONE, minFreeBytes);
    }

    RestServer(Path directory, String context, FollowerWrites policy, Way way, Pace pace, Unsent unsent) {
        this(directory, context, policy, way, pace, unsent, Guard.NONE, 0);
    }

    private RestServer(
            Path directory,
            String context,
            FollowerWrites policy,
            Way way,
            Pace pace,
            Unsent unsent,
            Guard guard,
            long minFreeBytes) {
        this.replicator = new FakeReplicator(directory);
        this.events = new Events(Clock.systemUTC(), replicator.wakes());
        this.context = context;
        this.login = guard.login();
        api = new RestApplication(
                new KvService(replicator, replicator.applied(), unsent, new KvService.Limits(MAX_VALUE, READ_WAIT)),
                members.changes(),
                new Health(() -> vitals),
                new Metrics(List.of(out -> out.gauge("raftkv_test", "A test.", 1))),
                new Inside(query -> log.apply(query), events),
                () -> inTouch,
                new NodeHttp(guard.nodeId(), guard.seals(), guard.tls()),
                new RestApplication.Settings(
                        guard.nodeId(),
                        policy,
                        ReadLevel.EVENTUAL,
                        TIMEOUT,
                        TIMEOUT,
                        uploads(directory, minFreeBytes),
                        new Consul(way == Way.CONSUL, "dc1", Duration.ofSeconds(10))),
                pace);
        api.start();
        try {
            this.server = way.start(api, request -> login.who(request), guard.origins(), context, left);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static RestoreOperations.Place uploads(Path store, long minFreeBytes) {
        return new RestoreOperations.Place(store.resolveSibling(store.getFileName() + "-restore"), minFreeBytes);
    }

    String address() {
        return "http://127.0.0.1:" + port() + context;
    }

    int port() {
        return ((ServerConnector) server.getConnectors()[0]).getLocalPort();
    }

    /** What it serves. */
    RestApplication api() {
        return api;
    }

    /** How many requests have left the thread that had read them, and must not wait. */
    int left() {
        return left.get();
    }

    RawHttp http() {
        return new RawHttp(port(), context);
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        api.close();
        replicator.close();
    }
}

package dev.raftkv.rest;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.ReadLevel;
import dev.raftkv.ops.Health;
import dev.raftkv.ops.Metrics;
import dev.raftkv.ops.Vitals;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.servlet.FilterRegistration;
import org.glassfish.grizzly.servlet.ServletRegistration;
import org.glassfish.grizzly.servlet.WebappContext;
import org.glassfish.jersey.grizzly2.httpserver.GrizzlyHttpServerFactory;
import org.glassfish.jersey.servlet.ServletContainer;

/** The API of one node on a free port, under a context path of its own. */
final class RestServer implements AutoCloseable {
    static final int MAX_VALUE = 1024 * 1024;
    private static final Duration READ_WAIT = Duration.ofMillis(1500);
    /** So that tests see heartbeats and the end of patience. */
    static final WatchServlet.Pace HASTE = new WatchServlet.Pace(Duration.ofMillis(100), Duration.ofMillis(500));

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** A server that runs. */
    private record Running(int port, Runnable stop) {}

    /** What the requests go through. */
    enum Way {
        /** Jersey alone, which can answer every request. */
        JERSEY {
            @Override
            Running start(RestApplication api, String context) {
                HttpServer server = GrizzlyHttpServerFactory.createHttpServer(
                        URI.create("http://127.0.0.1:0" + context + "/"), api.resources());
                return running(server);
            }
        },
        /** A servlet container with the shortcut before Jersey, as in the web application. */
        SHORTCUT {
            @Override
            Running start(RestApplication api, String context) throws IOException {
                HttpServer server = new HttpServer();
                server.addListener(new NetworkListener("http", "127.0.0.1", 0));
                webapp(api, context).deploy(server);
                server.start();
                return running(server);
            }
        },
        /** The container of the executable WAR, for what Grizzly does not do as the Servlet specification says. */
        JETTY {
            @Override
            Running start(RestApplication api, String context) throws Exception {
                return jetty(api, context, true);
            }
        },
        /** The same, where somebody has not allowed asynchronous answers. */
        SYNCHRONOUS {
            @Override
            Running start(RestApplication api, String context) throws Exception {
                return jetty(api, context, false);
            }
        };

        abstract Running start(RestApplication api, String context) throws Exception;

        private static Running jetty(RestApplication api, String context, boolean async) throws Exception {
            Server server = new Server(new InetSocketAddress("127.0.0.1", 0));
            ServletContextHandler webapp = new ServletContextHandler(context);
            ServletHolder watch = new ServletHolder(api.watch(HASTE));
            watch.setAsyncSupported(async);
            webapp.addServlet(watch, RestApplication.WATCH);
            webapp.addServlet(new ServletHolder(new ServletContainer(api.resources())), "/*");
            server.setHandler(webapp);
            server.start();
            int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
            return new Running(port, () -> stop(server));
        }

        private static Running running(HttpServer server) {
            return new Running(server.getListeners().iterator().next().getPort(), server::shutdownNow);
        }

        private static void stop(Server server) {
            try {
                server.stop();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private static WebappContext webapp(RestApplication api, String context) {
            WebappContext webapp = new WebappContext("raftkv", context);
            FilterRegistration fallback = webapp.addFilter("fallback", api.fallback());
            fallback.setAsyncSupported(true);
            fallback.addMappingForUrlPatterns(null, "/*");
            FilterRegistration shortcut = webapp.addFilter("shortcut", api.hotPath());
            shortcut.setAsyncSupported(true);
            shortcut.addMappingForUrlPatterns(null, "/store", "/store/*");
            ServletRegistration jersey = webapp.addServlet("jersey", new ServletContainer(api.resources()));
            jersey.setAsyncSupported(true);
            jersey.addMapping("/*");
            return webapp;
        }
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

    /** Whom the node hears of as the leader. */
    volatile Optional<Set<String>> inTouch = Optional.empty();

    final FakeMembers members = new FakeMembers();
    private final String context;
    private final Running server;

    RestServer(Path directory, String context, FollowerWrites policy, Way way) {
        this.replicator = new FakeReplicator(directory);
        this.context = context;
        RestApplication api = new RestApplication(
                new KvService(replicator, replicator.applied(), new KvService.Limits(MAX_VALUE, READ_WAIT)),
                members.changes(),
                new Health(() -> vitals),
                new Metrics(List.of(out -> out.gauge("raftkv_test", "A test.", 1))),
                () -> inTouch,
                new RestApplication.Settings("node1", policy, ReadLevel.EVENTUAL, TIMEOUT, TIMEOUT));
        try {
            this.server = way.start(api, context);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    String address() {
        return "http://127.0.0.1:" + server.port() + context;
    }

    RawHttp http() {
        return new RawHttp(server.port(), context);
    }

    @Override
    public void close() {
        server.stop().run();
        replicator.close();
    }
}

package dev.raftkv.rest;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.ReadLevel;
import dev.raftkv.ops.Health;
import dev.raftkv.ops.Metrics;
import dev.raftkv.ops.Vitals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
    private static final Duration READ_WAIT = Duration.ofMillis(300);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** What the requests go through. */
    enum Way {
        /** Jersey alone, which can answer every request. */
        JERSEY {
            @Override
            HttpServer start(RestApplication api, String context) {
                return GrizzlyHttpServerFactory.createHttpServer(
                        URI.create("http://127.0.0.1:0" + context + "/"), api.resources());
            }
        },
        /** A servlet container with the shortcut before Jersey, as in the web application. */
        SHORTCUT {
            @Override
            HttpServer start(RestApplication api, String context) {
                HttpServer server = new HttpServer();
                server.addListener(new NetworkListener("http", "127.0.0.1", 0));
                webapp(api, context).deploy(server);
                try {
                    server.start();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return server;
            }
        };

        abstract HttpServer start(RestApplication api, String context);

        private static WebappContext webapp(RestApplication api, String context) {
            WebappContext webapp = new WebappContext("raftkv", context);
            FilterRegistration shortcut = webapp.addFilter("shortcut", api.hotPath());
            shortcut.setAsyncSupported(true);
            shortcut.addMappingForUrlPatterns(null, "/store", "/store/*");
            ServletRegistration jersey = webapp.addServlet("jersey", new ServletContainer(api.resources()));
            jersey.setAsyncSupported(true);
            jersey.addMapping("/*");
            ServletRegistration watch = webapp.addServlet("watch", api.watch());
            watch.setAsyncSupported(true);
            watch.addMapping(RestApplication.WATCH);
            return webapp;
        }
    }

    static final Vitals WELL =
            new Vitals(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.of("node1"), 0);

    final FakeReplicator replicator;
    /** What the node's health is made of. */
    volatile Vitals vitals = WELL;

    final FakeMembers members = new FakeMembers();
    private final String context;
    private final HttpServer server;
    private final int port;

    RestServer(Path directory, String context, FollowerWrites policy, Way way) {
        this.replicator = new FakeReplicator(directory);
        this.context = context;
        this.server = way.start(
                new RestApplication(
                        new KvService(replicator, new KvService.Limits(MAX_VALUE, READ_WAIT)),
                        members.changes(),
                        new Health(() -> vitals),
                        new Metrics(List.of(out -> out.gauge("raftkv_test", "A test.", 1))),
                        new RestApplication.Settings("node1", policy, ReadLevel.EVENTUAL, TIMEOUT, TIMEOUT)),
                context);
        this.port = server.getListeners().iterator().next().getPort();
    }

    String address() {
        return "http://127.0.0.1:" + port + context;
    }

    RawHttp http() {
        return new RawHttp(port, context);
    }

    @Override
    public void close() {
        server.shutdownNow();
        replicator.close();
    }
}

package dev.raftkv.rest;

import static jakarta.ws.rs.HttpMethod.DELETE;
import static jakarta.ws.rs.HttpMethod.GET;
import static jakarta.ws.rs.HttpMethod.POST;
import static jakarta.ws.rs.HttpMethod.PUT;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.ReadLevel;
import dev.raftkv.node.Node;
import dev.raftkv.ops.Health;
import dev.raftkv.ops.Metrics;
import jakarta.servlet.Filter;
import jakarta.ws.rs.container.ContainerRequestContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.glassfish.jersey.CommonProperties;
import org.glassfish.jersey.process.Inflector;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;
import org.glassfish.jersey.server.model.Resource;
import org.glassfish.jersey.server.spi.AbstractContainerLifecycleListener;
import org.glassfish.jersey.server.spi.Container;

/** The HTTP API of a node, as a list of its parts. */
public final class RestApplication {
    /** What a forwarded request takes longer than one that came to the leader. */
    private static final Duration WAY = Duration.ofSeconds(1);

    /** How long a change of the members may wait for those before it, and for the leader to be ready. */
    private static final Duration MEMBERS_QUEUE = Duration.ofSeconds(15);

    /** Where {@link #watch} belongs. */
    public static final String WATCH = "/watch";

    private final KvService kv;
    private final MemberChanges members;
    private final Health health;
    private final Metrics metrics;
    private final Settings settings;
    private final LeaderForwarder forwarder;
    private final Reach reach;
    private final Reads reads;
    private final StoreResource store;
    private final AnswerRules rules;
    private final ErrorMapper errors;
    private final Resource[] routes;
    private final RequestMeter meter;

    /** The API of a started node. */
    public RestApplication(Node node) {
        this(
                node.kv(),
                MemberChanges.of(node.membership()),
                node.health(),
                node.metrics(),
                node::inTouch,
                Settings.of(node.config()));
    }

    /** @param inTouch the members that this node hears of as their leader; empty if it does not lead */
    RestApplication(
            KvService kv,
            MemberChanges members,
            Health health,
            Metrics metrics,
            Supplier<Optional<Set<String>>> inTouch,
            Settings settings) {
        this.kv = kv;
        this.members = members;
        this.settings = settings;
        this.forwarder = new LeaderForwarder(settings.nodeId());
        this.reach = new Reach(settings.nodeId(), inTouch);
        LeaderRouting routing = routing(settings.writeTimeout());
        FollowerBarrier barrier = new FollowerBarrier(kv, forwarder, reach);
        this.reads = new Reads(kv, routing, barrier, settings.readLevel());
        this.store = new StoreResource(kv, routing, reads);
        this.rules = new AnswerRules(kv, settings.nodeId());
        this.health = health;
        this.metrics = metrics;
        this.routes = routes();
        this.meter = new RequestMeter(routes, Map.of(WATCH, List.of(GET)));
        this.errors = new ErrorMapper(RequestMeter.names(routes) + ", " + WATCH);
    }

    /**
     * @param readLevel of reads that do not say which
     * @param writeTimeout how long a forwarded write of a key may take
     * @param membersTimeout how long a forwarded change of the members may take
     */
    record Settings(
            String nodeId,
            FollowerWrites followerWrites,
            ReadLevel readLevel,
            Duration writeTimeout,
            Duration membersTimeout) {
        private static Settings of(NodeConfig config) {
            return new Settings(
                    config.nodeId(),
                    config.followerWrites(),
                    config.readLevel(),
                    config.timeouts().write().plus(WAY),
                    config.timeouts().join().plus(MEMBERS_QUEUE).plus(WAY));
        }
    }

    /** The whole API. It lets go of its own threads when the container that runs it is shut down. */
    public ResourceConfig resources() {
        return quiet(new ResourceConfig())
                .registerResources(routes)
                .register(new PathRules())
                .register(rules)
                .register(errors)
                .register(meter)
                .register(closing(forwarder, reach));
    }

    /** What stands before all else, for failures that nothing else answers. */
    public Filter fallback() {
        return new Fallback(new ServletAnswers(rules), errors);
    }

    /** The shortcut of its most frequent requests, to stand before it. */
    public HotPath hotPath() {
        return new HotPath(kv, store, reads, new ServletAnswers(rules), errors, settings.nodeId(), meter.meter());
    }

    /** The one path that Jersey does not serve, {@value #WATCH}. */
    public WatchServlet watch() {
        return watch(WatchServlet.Pace.USUAL);
    }

    WatchServlet watch(WatchServlet.Pace pace) {
        return new WatchServlet(kv, reads, new ServletAnswers(rules), errors, settings.nodeId(), pace, meter.meter());
    }

    private Resource[] routes() {
        RaftResource raft = new RaftResource(kv, members, routing(settings.membersTimeout()));
        OpsResource ops = new OpsResource(
                health,
                () -> reach.told(kv.status()),
                metrics,
                out -> meter.meter().write(out));
        return new Resource[] {
            route("store", Map.of(GET, store::get, POST, store::post, PUT, store::put, DELETE, store::delete)),
            route("store/{key: .+}", Map.of(GET, store::get, PUT, store::put, DELETE, store::delete)),
            route("txn", Map.of(POST, store::txn)),
            route("raft/join", Map.of(POST, raft::join)),
            route("raft/remove", Map.of(POST, raft::remove)),
            route("raft/announce", Map.of(POST, raft::announce)),
            route("raft/stats", Map.of(GET, raft::stats)),
            route(FollowerBarrier.PATH, Map.of(POST, store::barrier)),
            route("health/live", Map.of(GET, ops::live)),
            route("health/ready", Map.of(GET, ops::ready)),
            route("metrics", Map.of(GET, ops::metrics))
        };
    }

    private LeaderRouting routing(Duration timeout) {
        return new LeaderRouting(kv, settings.followerWrites(), forwarder, reach, timeout);
    }

    /**
     * Routes are a table and not annotations, because Jersey warns at each start that it ignores resources registered as
     * instances, which it does not.
     */
    private static Resource route(String path, Map<String, Function<ContainerRequestContext, Object>> handlers) {
        Resource.Builder resource = Resource.builder(path);
        handlers.forEach((method, handler) -> resource.addMethod(method).handledBy(new Handler(handler)));
        return resource.build();
    }

    /** A class and no lambda expression, of which Jersey could not see what it takes. */
    private record Handler(Function<ContainerRequestContext, Object> handler)
            implements Inflector<ContainerRequestContext, Object> {
        @Override
        public Object apply(ContainerRequestContext request) {
            return handler.apply(request);
        }
    }

    /** Nothing is looked for on the class path, and every status comes with the body that was made for it. */
    private static ResourceConfig quiet(ResourceConfig application) {
        return application
                .property(ServerProperties.WADL_FEATURE_DISABLE, true)
                .property(ServerProperties.FEATURE_AUTO_DISCOVERY_DISABLE, true)
                .property(ServerProperties.BV_FEATURE_DISABLE, true)
                .property(ServerProperties.MOXY_JSON_FEATURE_DISABLE, true)
                .property(ServerProperties.JSON_PROCESSING_FEATURE_DISABLE, true)
                .property(ServerProperties.JSON_BINDING_FEATURE_DISABLE, true)
                .property(ServerProperties.RESPONSE_SET_STATUS_OVER_SEND_ERROR, true)
                .property(CommonProperties.PROVIDER_DEFAULT_DISABLE, "ALL");
    }

    private static AbstractContainerLifecycleListener closing(LeaderForwarder forwarder, Reach reach) {
        return new AbstractContainerLifecycleListener() {
            @Override
            public void onShutdown(Container container) {
                forwarder.close();
                reach.close();
            }
        };
    }
}

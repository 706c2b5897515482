package dev.raftkv.rest;

import dev.raftkv.access.Refusals;
import dev.raftkv.access.Seals;
import dev.raftkv.config.NodeConfig;
import dev.raftkv.config.NodeConfig.Consul;
import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.ReadLevel;
import dev.raftkv.node.Node;
import dev.raftkv.ops.AccessMetrics;
import dev.raftkv.ops.Health;
import dev.raftkv.ops.HttpMeter;
import dev.raftkv.ops.Metrics;
import dev.raftkv.peer.Lane;
import dev.raftkv.peer.NodeHttp;
import dev.raftkv.rest.access.Gate;
import dev.raftkv.rest.access.Login;
import dev.raftkv.rest.backup.BackupOperations;
import dev.raftkv.rest.backup.RestoreOperations;
import dev.raftkv.rest.browser.Browsers;
import dev.raftkv.rest.cluster.ClusterPicture;
import dev.raftkv.rest.cluster.FollowerBarrier;
import dev.raftkv.rest.cluster.HealthOperations;
import dev.raftkv.rest.cluster.LeaderForwarder;
import dev.raftkv.rest.cluster.LeaderRouting;
import dev.raftkv.rest.cluster.MemberChanges;
import dev.raftkv.rest.cluster.MemberOperations;
import dev.raftkv.rest.cluster.Reach;
import dev.raftkv.rest.cluster.Reads;
import dev.raftkv.rest.consul.ConsulApi;
import dev.raftkv.rest.consul.ConsulManner;
import dev.raftkv.rest.http.Exchange;
import dev.raftkv.rest.http.Hosted;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Replies;
import dev.raftkv.rest.http.Replies.Manner;
import dev.raftkv.rest.http.Replies.Pace;
import dev.raftkv.rest.look.Inside;
import dev.raftkv.rest.look.LookOperations;
import dev.raftkv.rest.store.LockOperations;
import dev.raftkv.rest.store.SessionOperations;
import dev.raftkv.rest.store.StoreOperations;
import dev.raftkv.rest.watch.SettingsOperations;
import dev.raftkv.rest.watch.WatchOperation;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The HTTP API of a node: the table of its operations, and what hosts them. */
public final class RestApplication implements AutoCloseable {
    /** The name of the attribute of a request whose thread must not wait; see {@link #atOnce}. */
    public static final String AT_ONCE = Exchange.AT_ONCE;

    /** What a forwarded request takes longer than one that came to the leader. */
    private static final Duration WAY = Duration.ofSeconds(1);

    /** How long a change of the members may wait for those before it, and for the leader to be ready. */
    private static final Duration MEMBERS_QUEUE = Duration.ofSeconds(15);

    /** Of a body that nobody wants, in bytes. */
    private static final long MOST_DISCARDED = 2L << 20;

    private static final int FORWARDS = 16;

    /** One is under way for all who wait, and one more when another node leads meanwhile. */
    private static final int BARRIERS = 4;

    private static final int LOOKS = 16;

    /** Requests that wait for locks are passed on by threads that wait with them. */
    private static final int WAITS = 64;

    private static final int WAITING = 1024;

    private final Lane forwards;
    private final Lane barriers;
    private final Lane looks;
    private final Lane waits;
    private final LeaderForwarder forwarder;
    private final Reach reach;
    private final Refusals refusals = new Refusals();
    private final Seals seals;
    private final Replies replies;
    private final ErrorMapper errors;
    private final Optional<HttpServlet> consulServlet;
    private final List<Hosted> operations;
    private final HttpMeter.Endpoint others;
    private final JerseyHost host;
    private final RestoreOperations restores;
    private final ReadLevel readLevel;

    /** The API of a node. */
    public RestApplication(Node node) {
        this(
                node.kv(),
                MemberChanges.of(node.membership(), node::takeSnapshot),
                node.health(),
                node.metrics(),
                Inside.of(node.log(), node.events()),
                node::inTouch,
                node.http(),
                Settings.of(node.config()),
                Pace.USUAL);
    }

    /**
     * @param inside what the node shows of its log, and of what happens to it
     * @param inTouch the members that this node hears of as their leader; empty if it does not lead
     * @param http to other nodes
     */
    RestApplication(
            KvService kv,
            MemberChanges members,
            Health health,
            Metrics metrics,
            Inside inside,
            Supplier<Optional<Set<String>>> inTouch,
            NodeHttp http,
            Settings settings,
            Pace pace) {
        this.seals = http.seals();
        this.readLevel = settings.readLevel();
        this.forwards = http.lane("forward", FORWARDS, WAITING);
        this.barriers = http.lane("barrier", BARRIERS, WAITING);
        this.looks = http.lane("look", LOOKS, WAITING);
        this.waits = http.lane("wait", WAITS, 0);
        this.forwarder = new LeaderForwarder(settings.nodeId(), forwards);
        this.reach = new Reach(settings.nodeId(), inTouch, looks);
        // Its routes are those of the operations, one of which shows what it has measured.
        HttpMeter[] meter = new HttpMeter[1];
        this.errors = new ErrorMapper(this::paths);
        this.replies = new Replies(
                "raftkv-" + settings.nodeId(),
                pace,
                kv.unsent().mostForSlow(),
                manners(
                        new AnswerRules(kv, settings.nodeId()),
                        settings.consul().on()),
                refusals);
        LeaderRouting routing = routing(kv, settings, settings.writeTimeout());
        Reads reads = new Reads(kv, routing, new FollowerBarrier(kv, barriers, reach), settings.readLevel());
        ClusterPicture picture = new ClusterPicture(kv, looks);
        this.restores = new RestoreOperations(
                kv, routing, settings.uploads(), picture, "raftkv-" + settings.nodeId(), replies.timer());
        List<Operation> table = new ArrayList<>();
        LockOperations locks = new LockOperations(
                kv, routing, routing.waiting(new LeaderForwarder(settings.nodeId(), waits), LockOperations.MOST_WAIT));
        table.addAll(new StoreOperations(kv, routing, reads, locks).all());
        table.addAll(new SessionOperations(kv, routing, reads).all());
        table.add(new WatchOperation(kv, reads, pace.patience(), replies.timer()).operation());
        table.addAll(new SettingsOperations(kv, routing, reads).all());
        table.addAll(new BackupOperations(kv, reads).all());
        table.addAll(restores.all());
        table.addAll(new MemberOperations(kv, members, routing(kv, settings, settings.membersTimeout())).all());
        table.add(picture.operation());
        table.addAll(new LookOperations(inside, pace.patience()).all());
        table.addAll(new HealthOperations(health, () -> reach.told(kv.status()), metrics, out -> {
                    meter[0].write(out);
                    new AccessMetrics(refusals).write(out);
                })
                .all());
        Optional<ConsulApi> consul = settings.consul().on()
                ? Optional.of(new ConsulApi(
                        kv,
                        routing.always(FollowerWrites.FORWARD),
                        reads,
                        replies,
                        new ConsulRooms(kv, settings.nodeId(), settings.consul())))
                : Optional.empty();
        List<Operation> ofConsul = consul.map(ConsulApi::operations).orElse(List.of());
        meter[0] = meter(Stream.concat(table.stream(), ofConsul.stream()).toList());
        this.operations = hosted(table, meter[0]);
        this.consulServlet = consul.map(
                api -> api.servlet(hosted(ofConsul, meter[0]), settings.consul().datacenter()));
        this.others = meter[0].other();
        this.host = new JerseyHost(operations, replies, errors);
    }

    private Function<HttpServletRequest, Manner> manners(AnswerRules rules, boolean servesConsul) {
        Manner usual = new Manner(rules, errors, MOST_DISCARDED, false);
        Manner ofConsul = ConsulManner.of(rules::withoutRevision, errors, ErrorMapper::noted);
        return request -> servesConsul && ConsulApi.isMeant(request) ? ofConsul : usual;
    }

    private static List<Hosted> hosted(List<Operation> operations, HttpMeter meter) {
        return operations.stream()
                .map(each -> new Hosted(each, meter.endpoint(each.path(), each.method())))
                .toList();
    }

    /** Gets ready, on a thread of its own, what takes time and needs no started node; may be left out. */
    public void prepare() {
        host.prepare();
    }

    /** To be called when the node is started, before the first request. */
    public void start() {
        restores.start();
        replies.start(others);
    }

    private LeaderRouting routing(KvService kv, Settings settings, Duration timeout) {
        return new LeaderRouting(kv, settings.followerWrites(), forwarder, reach, timeout);
    }

    private static HttpMeter meter(List<Operation> operations) {
        Map<String, Set<String>> methods = new LinkedHashMap<>();
        for (Operation each : operations) {
            methods.computeIfAbsent(each.path(), path -> new LinkedHashSet<>()).add(each.method());
        }
        return new HttpMeter(methods);
    }

    private String paths() {
        return operations.stream()
                .map(each -> each.operation().path())
                .distinct()
                .collect(Collectors.joining(", "));
    }

    /**
     * @param readLevel of reads that do not say which
     * @param writeTimeout how long a forwarded write of a key may take
     * @param membersTimeout how long a forwarded change of the members may take
     * @param uploads where a backup is while it is restored
     * @param consul how clients of Consul are served
     */
    record Settings(
            String nodeId,
            FollowerWrites followerWrites,
            ReadLevel readLevel,
            Duration writeTimeout,
            Duration membersTimeout,
            RestoreOperations.Place uploads,
            Consul consul) {
        private static Settings of(NodeConfig config) {
            return new Settings(
                    config.nodeId(),
                    config.followerWrites(),
                    config.readLevel(),
                    config.timeouts().write().plus(WAY),
                    config.timeouts().join().plus(MEMBERS_QUEUE).plus(WAY),
                    new RestoreOperations.Place(
                            config.dataDirectory().resolve("restore"),
                            config.storage().minFreeBytes()),
                    config.consul());
        }
    }

    /** The table of all operations. */
    List<Operation> operations() {
        return operations.stream().map(Hosted::operation).toList();
    }

    /** The host of all operations. */
    public HttpServlet servlet() {
        return host;
    }

    /** What serves clients of Consul, at {@code /v1/*}; empty if they are not served. */
    public Optional<HttpServlet> consulServlet() {
        return consulServlet;
    }

    /** A shorter way to the most frequent ones, to stand before it. */
    public Filter shortcut() {
        return new Shortcut(
                replies, hosted("GET", "/store/{key}"), hosted("POST", "/store"), hosted("PUT", "/session/{id}"));
    }

    /**
     * Tells of a {@code GET} without a body, by its path under the context root and its query or null, whether it can be answered
     * by the thread that has read it, on which other clients wait: it reads one key of this node's store, and if it would have
     * to wait it goes on by another thread. Whoever has such requests taken by such a thread says so by the attribute
     * {@link #AT_ONCE} of the request.
     */
    public BiPredicate<String, String> atOnce() {
        String local = Reads.CONSISTENCY + "=" + ReadLevel.EVENTUAL.label();
        boolean byDefault = readLevel == ReadLevel.EVENTUAL;
        return (path, query) -> (query == null ? byDefault : query.equals(local)) && Shortcut.isKey(path);
    }

    private Hosted hosted(String method, String path) {
        return operations.stream()
                .filter(each -> each.operation().method().equals(method)
                        && each.operation().path().equals(path))
                .findFirst()
                .orElseThrow();
    }

    /** What stands before all of them, and all else that the web application serves. */
    public Filter browsers(NodeConfig config) {
        return new Browsers(
                config.httpAddress(),
                config.security().allowedHosts(),
                config.security().corsOrigins(),
                replies);
    }

    /**
     * What has to stand before all else.
     *
     * @param open the paths beside those of its operations that are open to all
     */
    public Gate gate(Login login, Set<String> open) {
        Set<String> all = new HashSet<>(open);
        operations().stream().filter(each -> each.role().isEmpty()).forEach(each -> all.add(each.path()));
        return new Gate(seals, login, all, replies, refusals);
    }

    /** The way to a response, for what is no operation. */
    public Replies replies() {
        return replies;
    }

    /** Lets go of its threads. */
    @Override
    public void close() {
        restores.close();
        replies.close();
        forwards.close();
        barriers.close();
        reach.close();
        looks.close();
        waits.close();
    }
}

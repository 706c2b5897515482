package dev.raftkv.web;

import dev.raftkv.access.TokenFile;
import dev.raftkv.config.ConfigSources;
import dev.raftkv.config.EffectiveConfig;
import dev.raftkv.config.Exposure;
import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.StartException;
import dev.raftkv.node.Node;
import dev.raftkv.raft.ratis.RatisThreads;
import dev.raftkv.rest.RestApplication;
import dev.raftkv.rest.access.ContainerLogin;
import dev.raftkv.rest.access.FileLogin;
import dev.raftkv.rest.access.Login;
import dev.raftkv.rest.http.Guests;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletRegistration;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the node with the web application and stops it with it. If the node does not start, the web application stays and
 * says why on every URL, because an operator learns nothing from the container's 404.
 */
public final class NodeListener implements ServletContextListener {
    private static final Logger LOG = LoggerFactory.getLogger(NodeListener.class);

    /**
     * The attribute of the context that says why the node did not start, absent if it did: a server that has no other
     * application can end.
     */
    static final String START_FAILURE = "dev.raftkv.startFailure";

    /**
     * The attribute that a server may run when it is told to stop, before it closes its door to requests: then the cluster
     * need not wait for its clients to get its next leader. In other servers it begins with the end of the process, or of the
     * context.
     */
    static final String BEFORE_STOP = "dev.raftkv.beforeStop";

    /** Generous, because a large store is recovered in it; bounded, because the container starts nothing else meanwhile. */
    private static final Duration START_LIMIT = Duration.ofMinutes(5);

    /** An orderly stop: end the writes, wait for a handover, hand leadership over, close Raft, close the store. */
    private static final int STOP_STEPS = 5;

    private final LogLevels logLevels = new LogLevels();
    private NodeLife life;
    private RestApplication api;
    private Login login;
    private Duration stopLimit;
    private Thread beforeEnd;

    @Override
    public void contextInitialized(ServletContextEvent event) {
        ServletContext context = event.getServletContext();
        logLevels.quieten();
        try {
            Node node = start(context);
            api.start();
            filter(context, "raftkv-browsers", api.browsers(node.config()), "/*");
            if (Exposure.isForThisMachine(node.config().security())) {
                filter(context, "raftkv-loopback", new LoopbackDoor(), "/*");
            }
            filter(context, "raftkv-gate", api.gate(login, PageServlet.OPEN), "/*");
            filter(context, "raftkv-port", new ArrivalPort(node::arrivedAt), "/*");
            filter(context, "raftkv-shortcut", api.shortcut(), "/store", "/store/*");
            // The server of java -jar answers these on a thread on which others wait.
            context.setAttribute(RestApplication.AT_ONCE, api.atOnce());
            serve(context, "raftkv-page", new PageServlet(api.replies()), PageServlet.PATHS);
            api.consulServlet().ifPresent(servlet -> serve(context, "raftkv-consul", servlet, "/v1/*"));
            serve(context, "raftkv", api.servlet(), "/*");
        } catch (RuntimeException e) {
            String reason = StartFailure.sentence(e);
            stop();
            if (StartFailure.isExpected(e)) {
                LOG.error(reason);
                LOG.debug("the stack of it", e);
            } else {
                LOG.error(reason, e);
            }
            context.setAttribute(START_FAILURE, reason);
            serve(context, "raftkv", new StartFailedServlet(reason), "/*");
        }
    }

    private static void filter(ServletContext context, String name, Filter filter, String... paths) {
        FilterRegistration.Dynamic registration = context.addFilter(name, filter);
        registration.setAsyncSupported(true);
        registration.addMappingForUrlPatterns(null, false, paths);
    }

    private static void serve(ServletContext context, String name, Servlet servlet, String... paths) {
        ServletRegistration.Dynamic registration = context.addServlet(name, servlet);
        registration.setAsyncSupported(true);
        registration.setLoadOnStartup(1);
        registration.addMapping(paths);
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        stop();
        RatisThreads.end();
        LogHandlers.remove();
    }

    private void stop() {
        if (api != null) {
            api.close();
        }
        if (life != null) {
            life.stop(stopLimit);
        }
        forgetTheProcess();
    }

    /** @throws StartException if nobody could ever log in */
    private static Login login(ServletContext context, NodeConfig.Security security, Node node) {
        return switch (security.auth()) {
            case NONE -> Login.NONE;
            case FILE -> new FileLogin(TokenFile.open(security.tokens().orElseThrow()), node::verified);
            case CONTAINER -> {
                if (ContextSettings.isOfProgram(context)) {
                    throw new StartException(
                            "RAFT_AUTH is container, and java -jar raftkv.war has no realm: give the path of"
                                    + " a file of tokens");
                }
                yield new ContainerLogin();
            }
        };
    }

    private Node start(ServletContext context) {
        ConfigSources sources = ContextSettings.sources(context);
        for (String warning : sources.warnings()) {
            LOG.warn(warning);
        }
        EffectiveConfig config = sources.load(ContextSettings.deployment(context));
        NodeConfig node = config.node();
        LOG.info(
                "starting node {}: Raft at {}, HTTP at {}, data in {}",
                node.nodeId(),
                node.raftAddress(),
                node.httpAddress(),
                node.dataDirectory());
        LOG.info("{}", Guests.ofThisProcess());
        config.given().forEach(setting -> LOG.info("with {}", setting));
        config.defaults().forEach(setting -> LOG.debug("with {}", setting));
        Exposure exposure = new Exposure(node, ContextSettings.httpHost(context));
        Node started = new Node(node, ContextSettings.isOfProgram(context));
        login = login(context, node.security(), started);
        api = new RestApplication(started);
        api.prepare();
        life = new NodeLife(() -> start(exposure, started), started::close);
        stopLimit = node.timeouts().stop().multipliedBy(STOP_STEPS);
        life.start(START_LIMIT);
        if (ContextSettings.isOfProgram(context)) {
            context.setAttribute(BEFORE_STOP, (Runnable) started::retire);
        } else {
            retireWithTheProcess(started);
        }
        return started;
    }

    /**
     * A server that is told to end closes its door, waits for those who are inside, watches too, and ends its applications then.
     * All the while a leader would lead whom no new client reaches.
     */
    private void retireWithTheProcess(Node node) {
        Thread hook = new Thread(node::retire, "raftkv-" + node.config().nodeId() + "-retire");
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            beforeEnd = hook;
        } catch (IllegalStateException e) {
            // The process ends already; the context is destroyed next.
            LOG.debug("the process ends", e);
        }
    }

    /** So that a context that is gone leaves nothing behind in a process that goes on. */
    private void forgetTheProcess() {
        if (beforeEnd != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(beforeEnd);
            } catch (IllegalStateException e) {
                // The process ends, and runs it.
                LOG.debug("the process ends", e);
            }
        }
    }

    /** Names are looked up in it, which is waited for with the node's own start. */
    private static void start(Exposure exposure, Node node) {
        exposure.check().ifPresent(LOG::warn);
        node.start();
    }
}

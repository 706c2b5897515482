package dev.raftkv.testkit;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A real nginx with the file of {@code deploy/nginx}, in front of three nodes. */
public final class Nginx implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(20);

    /** Debian has it where only root looks. */
    private static final Path DEBIAN = Path.of("/usr/sbin/nginx");

    private static final String CONFIGURATION = """
            daemon off;
            user %s;
            worker_processes 1;
            pid %2$s/nginx.pid;
            error_log %2$s/error.log warn;
            events {
                worker_connections 512;
            }
            http {
                access_log %2$s/access.log;
                gzip on;
                gzip_proxied any;
                gzip_types *;
                gzip_min_length 1;
                client_body_temp_path %2$s/body;
                proxy_temp_path %2$s/proxy;
                fastcgi_temp_path %2$s/fastcgi;
                uwsgi_temp_path %2$s/uwsgi;
                scgi_temp_path %2$s/scgi;
                server {
                    listen 127.0.0.1:%3$d;
                    location = /ready {
                        return 200;
                    }
                }
                include %2$s/raftkv.conf;
            }
            """;

    private final ServerProcess process;
    private final int port;

    private Nginx(ServerProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    public static boolean isInstalled() {
        return Tool.isInstalled("nginx") || Files.isExecutable(DEBIAN);
    }

    /** Starts three nodes as they are to be set up behind an nginx that is started then. */
    public static ServerCluster cluster(NodeCommand servers, String name) throws IOException {
        int port = FreePorts.take(1).get(0);
        return ServerCluster.start(
                (node, base) -> servers.node(node, base)
                        .with("RAFT_HTTP_ADDRESS", "http://127.0.0.1:" + port + "/kv/" + node.nodeId()),
                name);
    }

    /** Starts it before nodes that {@link #cluster} has started. */
    public static Nginx start(Path directory, ServerCluster cluster) throws IOException {
        List<Integer> ports = IntStream.range(0, ServerCluster.SIZE)
                .mapToObj(node -> cluster.spec(node).httpPort())
                .toList();
        URI own = URI.create(cluster.stats(0).path("leader_http_address").asText());
        return start(directory, own.getPort(), ports, "");
    }

    /**
     * Starts it.
     *
     * @param port where it is to listen
     * @param nodes the HTTP ports of three nodes
     * @param context where the nodes' servers have deployed them; empty for the root
     */
    public static Nginx start(Path directory, int port, List<Integer> nodes, String context) throws IOException {
        Files.createDirectories(directory);
        Path site = directory.resolve("raftkv.conf");
        Files.copy(Build.deploy().resolve("nginx").resolve("raftkv.conf"), site);
        for (int node = 0; node < nodes.size(); node++) {
            FileTree.replace(site, "127.0.0.1:" + (2221 + node), "127.0.0.1:" + nodes.get(node));
        }
        FileTree.replace(site, "listen 8080;", "listen 127.0.0.1:" + port + ";");
        FileTree.replace(
                site, "(?<raftkv_rest>/.*)$\" $raftkv_rest;", "(?<raftkv_rest>/.*)$\" " + context + "$raftkv_rest;");
        int ready = FreePorts.take(1).get(0);
        Path main = directory.resolve("nginx.conf");
        Files.writeString(main, CONFIGURATION.formatted(System.getProperty("user.name"), directory, ready));
        String program = Files.isExecutable(DEBIAN) ? DEBIAN.toString() : "nginx";
        List<String> words =
                List.of(program, "-p", directory.toString(), "-e", directory + "/error.log", "-c", main.toString());
        Nginx nginx = new Nginx(
                ServerProcess.start(new ServerCommand(words, Map.of(), directory, directory.resolve("nginx.log"))),
                port);
        try {
            nginx.process.awaitOk("http://127.0.0.1:" + ready + "/ready", START_LIMIT);
        } catch (RuntimeException e) {
            nginx.close();
            throw e;
        }
        return nginx;
    }

    /** Where any of the nodes answers. */
    public String url(String path) {
        return "http://127.0.0.1:" + port + "/kv" + path;
    }

    /** Where one node answers, numbered from 0. */
    public String url(int node, String path) {
        return url("/node" + (node + 1) + path);
    }

    /** Its workers end with it. */
    @Override
    public void close() {
        process.stop();
    }
}

package dev.raftkv.lab.fault;

import dev.raftkv.testkit.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Nodes that reach each other through TCP proxies in this JVM, on addresses of the loopback network: for those who are not
 * root. Nothing is ever lost on a TCP connection, so a lossy link is one that hesitates as TCP does when it sends again.
 */
public final class Proxies implements Network {
    private final int nodes;
    private final Link[][][] links;
    private final Link free = new Link(0);
    private final List<Integer> ports;
    private final List<Relay> relays = new ArrayList<>();
    private final Map<Long, Integer> nodeOfPid = new ConcurrentHashMap<>();

    private Proxies(int nodes) throws IOException {
        this.nodes = nodes;
        this.links = new Link[2][nodes][nodes];
        // For each node its Raft port, which the proxy has too at another address, its HTTP port, and that of the
        // proxy.
        this.ports = FreePorts.take(3 * nodes);
        for (int from = 0; from < nodes; from++) {
            for (int to = 0; to < nodes; to++) {
                links[Traffic.RAFT.ordinal()][from][to] = new Link(from * 31L + to);
                links[Traffic.HTTP.ordinal()][from][to] = new Link(from * 37L + to);
            }
        }
    }

    /** Starts them for as many nodes. */
    public static Proxies start(int nodes) throws IOException {
        Proxies proxies = new Proxies(nodes);
        for (int node = 0; node < nodes; node++) {
            proxies.relay(Traffic.RAFT, node, proxies.raftPort(node), bindHost(node), proxies.raftPort(node));
            proxies.relay(
                    Traffic.HTTP, node, proxies.ports.get(3 * node + 2), "127.0.0.1", proxies.ports.get(3 * node + 1));
        }
        return proxies;
    }

    private void relay(Traffic traffic, int node, int port, String targetHost, int targetPort) throws IOException {
        Relay relay = new Relay(
                new InetSocketAddress(host(node), port),
                new InetSocketAddress(targetHost, targetPort),
                socket -> route(traffic, socket, node));
        relays.add(relay);
        relay.start();
    }

    /** Clients that follow a redirect come here too, and nothing is between them and the node. */
    private Relay.Route route(Traffic traffic, Socket socket, int to) {
        try {
            OptionalLong pid = SocketOwners.of(socket, nodeOfPid.keySet());
            Integer from = pid.isPresent() ? nodeOfPid.get(pid.getAsLong()) : null;
            return from == null
                    ? new Relay.Route(free, free)
                    : new Relay.Route(link(traffic, from, to), link(traffic, to, from));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Link link(Traffic traffic, int from, int to) {
        return links[traffic.ordinal()][from][to];
    }

    @Override
    public String description() {
        return "TCP proxies on 127.0.0.0/8";
    }

    @Override
    public String raftAddress(int node) {
        return host(node) + ":" + raftPort(node);
    }

    @Override
    public String httpAddress(int node) {
        return "http://" + host(node) + ":" + ports.get(3 * node + 2);
    }

    @Override
    public String clientUrl(int node) {
        return "http://127.0.0.1:" + ports.get(3 * node + 1);
    }

    @Override
    public Map<String, String> settings(int node) {
        return Map.of(
                "RAFT_HOST", host(node),
                "RAFT_BIND_HOST", bindHost(node),
                "RAFT_PORT", Integer.toString(raftPort(node)),
                "RAFT_HTTP_HOST", "127.0.0.1",
                "SERVER_PORT", Integer.toString(ports.get(3 * node + 1)),
                "RAFT_HTTP_ADDRESS", httpAddress(node));
    }

    @Override
    public List<String> command(int node, List<String> words) {
        return words;
    }

    @Override
    public void runs(int node, long pid) {
        nodeOfPid.values().remove(node);
        nodeOfPid.put(pid, node);
    }

    @Override
    public void cut(int from, int to, Traffic traffic) {
        for (Traffic one : List.of(Traffic.RAFT, Traffic.HTTP)) {
            if (traffic.includes(one)) {
                link(one, from, to).cut();
            }
        }
    }

    @Override
    public String obstacleToSlow() {
        return "";
    }

    @Override
    public void slow(int node, Duration delay) {
        for (int other = 0; other < nodes; other++) {
            link(Traffic.RAFT, node, other).slow(delay);
            link(Traffic.HTTP, node, other).slow(delay);
        }
    }

    @Override
    public void lossy(int node, int percent) {
        for (int other = 0; other < nodes; other++) {
            for (Traffic one : List.of(Traffic.RAFT, Traffic.HTTP)) {
                link(one, node, other).lossy(percent);
                link(one, other, node).lossy(percent);
            }
        }
    }

    @Override
    public void heal() {
        for (Link[][] ofTraffic : links) {
            for (Link[] from : ofTraffic) {
                for (Link link : from) {
                    link.heal();
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        heal();
        for (Relay relay : relays) {
            relay.close();
        }
    }

    private int raftPort(int node) {
        return ports.get(3 * node);
    }

    private static String host(int node) {
        return "127.0.1." + (node + 1);
    }

    private static String bindHost(int node) {
        return "127.0.2." + (node + 1);
    }
}

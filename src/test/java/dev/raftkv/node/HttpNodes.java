package dev.raftkv.node;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.testkit.FreePorts;
import dev.raftkv.testkit.TestConfigs;
import dev.raftkv.testkit.Together;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Real nodes in this JVM that answer HTTP, and have one list of each other. Numbered from 0. */
final class HttpNodes implements AutoCloseable {
    private final NodeCluster cluster;
    private final List<Integer> ports;
    private final Map<Integer, HttpNode> servers = new ConcurrentHashMap<>();
    private final Map<Integer, NodeConfig> configs = new HashMap<>();
    private final Map<Integer, Node> nodes = new ConcurrentHashMap<>();

    HttpNodes(Path directory, int size) {
        this.cluster = new NodeCluster(directory);
        try {
            this.ports = FreePorts.take(size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String id(int node) {
        return "node" + (node + 1);
    }

    String url(int node) {
        return "http://127.0.0.1:" + ports.get(node);
    }

    List<String> list() {
        List<String> list = new ArrayList<>();
        for (int node = 0; node < ports.size(); node++) {
            list.add(url(node));
        }
        return list;
    }

    NodeConfig config(int node, String id, List<String> list) {
        NodeConfig base = cluster.config(id);
        return TestConfigs.with(base, url(node), base.dataDirectory().resolveSibling("data" + node), list);
    }

    NodeConfig configOf(int node) {
        return configs.get(node);
    }

    static NodeConfig withList(NodeConfig base, List<String> list) {
        return TestConfigs.with(base, base.httpAddress(), base.dataDirectory(), list);
    }

    static NodeConfig withHttpAddress(NodeConfig base, String address) {
        return TestConfigs.with(base, address, base.dataDirectory(), base.joinAddresses());
    }

    /** Starts it on its data, with the list of all. */
    Node start(int node) {
        return start(node, configs.computeIfAbsent(node, key -> config(node, id(node), list())));
    }

    Node start(int number, NodeConfig config) {
        configs.put(number, config);
        Node node = new Node(config, false);
        node.start();
        nodes.put(number, node);
        servers.put(number, HttpNode.start(node, ports.get(number)));
        return node;
    }

    Node node(int number) {
        return nodes.get(number);
    }

    void stop(int number) {
        HttpNode server = servers.remove(number);
        if (server != null) {
            server.close();
        }
        Node node = nodes.remove(number);
        if (node != null) {
            node.close();
        }
    }

    Path data(int number) {
        return configs.get(number).dataDirectory();
    }

    @Override
    public void close() {
        // As in NodeCluster.
        nodes.values().forEach(Node::retire);
        Together.each(List.copyOf(nodes.keySet()), this::stop);
        cluster.close();
    }
}

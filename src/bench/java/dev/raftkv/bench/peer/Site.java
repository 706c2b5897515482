package dev.raftkv.bench.peer;

import dev.raftkv.testkit.FreePorts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where three nodes are, which are numbered from 0.
 *
 * @param clientPorts of each node
 * @param peerPorts of each node, for the others
 * @param votePorts of each node, for a peer that elects on a port of its own
 */
record Site(Path directory, List<Integer> clientPorts, List<Integer> peerPorts, List<Integer> votePorts) {
    static final int SIZE = 3;

    static Site take(Path directory) throws IOException {
        List<Integer> ports = FreePorts.take(3 * SIZE);
        return new Site(
                directory, ports.subList(0, SIZE), ports.subList(SIZE, 2 * SIZE), ports.subList(2 * SIZE, 3 * SIZE));
    }

    /** Made if it is not there. */
    Path home(int node) throws IOException {
        return Files.createDirectories(directory.resolve("node" + (node + 1)));
    }

    Path log(int node) throws IOException {
        return home(node).resolve("node.log");
    }

    InetSocketAddress client(int node) {
        return new InetSocketAddress("127.0.0.1", clientPorts.get(node));
    }

    String url(int node) {
        return "http://127.0.0.1:" + clientPorts.get(node);
    }
}

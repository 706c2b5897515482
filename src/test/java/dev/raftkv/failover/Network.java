package dev.raftkv.failover;

import dev.raftkv.testkit.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace for each node, at one bridge, so that a node can be cut off from the others and still be reached by the
 * clients, which stay outside. Needs root. Made before the nodes start, taken away when they have ended.
 */
final class Network implements AutoCloseable {
    private static final Path HERE = Path.of(".").toAbsolutePath();

    private final String name;
    private final String net;
    private final int size;

    private Network(String name, String net, int size) {
        this.name = name;
        this.net = net;
        this.size = size;
    }

    /** Whether this process may make one. */
    static boolean isPossible() {
        if (!"root".equals(System.getProperty("user.name"))
                || !Tool.isInstalled("ip")
                || !Tool.isInstalled("iptables")) {
            return false;
        }
        String probe = "rkf" + ProcessHandle.current().pid();
        try {
            run("ip", "netns", "add", probe);
            run("ip", "netns", "del", probe);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** @param number tells networks apart that are there at once, 0 to 9 */
    static Network make(int size, int number) throws IOException {
        long pid = ProcessHandle.current().pid();
        Network network = new Network("rk" + pid + "x" + number, "10.88." + (pid % 25 * 10 + number) + ".", size);
        try {
            network.make();
        } catch (IOException e) {
            network.close();
            throw e;
        }
        return network;
    }

    private void make() throws IOException {
        run("ip", "link", "add", name, "type", "bridge");
        run("ip", "addr", "add", net + "254/24", "dev", name);
        run("ip", "link", "set", name, "up");
        for (int node = 0; node < size; node++) {
            String outer = name + "n" + node;
            run("ip", "netns", "add", space(node));
            run("ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", space(node));
            run("ip", "link", "set", outer, "master", name, "up");
            inside(node, "ip", "addr", "add", host(node) + "/24", "dev", "eth0");
            inside(node, "ip", "link", "set", "eth0", "up");
            inside(node, "ip", "link", "set", "lo", "up");
        }
    }

    String host(int node) {
        return net + (node + 1);
    }

    /** What stands before a command that is to run as the node. */
    List<String> prefix(int node) {
        return List.of("ip", "netns", "exec", space(node));
    }

    /** Drops whatever goes from the node to the others and back, without a word to anybody. */
    void cut(int node) throws IOException {
        inside(node, "iptables", "-A", "INPUT", "-i", "eth0", "!", "-s", net + "254", "-j", "DROP");
        inside(node, "iptables", "-A", "OUTPUT", "-o", "eth0", "!", "-d", net + "254", "-j", "DROP");
    }

    void heal(int node) throws IOException {
        inside(node, "iptables", "-F");
    }

    private String space(int node) {
        return name + "s" + node;
    }

    private void inside(int node, String... words) throws IOException {
        List<String> all = new ArrayList<>(prefix(node));
        all.addAll(List.of(words));
        run(all.toArray(String[]::new));
    }

    private static void run(String... words) throws IOException {
        Tool.Result result = Tool.run(HERE, "", words);
        if (result.exit() != 0) {
            throw new IOException(
                    String.join(" ", words) + ": " + result.output().strip());
        }
    }

    @Override
    public void close() {
        for (int node = 0; node < size; node++) {
            ignoringFailure("ip", "netns", "del", space(node));
        }
        ignoringFailure("ip", "link", "del", name);
    }

    private static void ignoringFailure(String... words) {
        try {
            run(words);
        } catch (IOException e) {
            System.err.println("left behind: " + e.getMessage());
        }
    }
}

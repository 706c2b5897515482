package dev.raftkv.lab.fault;

import dev.raftkv.testkit.Build;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Each node has a network namespace of its own, with one address; a bridge in one more namespace joins them, and this
 * machine, where the clients are. Links are cut and lose packets by iptables in the namespace of the receiver. What is slow
 * goes through a tun device, behind which a small program holds each packet (kernels without netem can do that too).
 *
 * <p>The addresses are of 198.18.0.0/15, which is set aside for tests of networks. All names begin with {@code raftkv-lab-}
 * and our pid; what a run that was killed left behind is removed by the next one.
 */
public final class Namespaces implements Network {
    private static final String PREFIX = "raftkv-lab-";
    private static final int RAFT_PORT = 1111;
    private static final int HTTP_PORT = 8080;
    private static final int NETWORKS = 256;

    private final String prefix;
    private final int nodes;
    private final List<Process> delayers = new ArrayList<>();
    private int network;

    private Namespaces(String prefix, int nodes, int network) {
        this.prefix = prefix;
        this.nodes = nodes;
        this.network = network;
    }

    /** Why they cannot be made here, if so. */
    public static Optional<String> obstacle() {
        if (!Shell.isRoot()) {
            return Optional.of("network namespaces need root");
        }
        List<String> missing = Shell.missing("ip", "iptables");
        if (!missing.isEmpty()) {
            return Optional.of("not installed: " + String.join(", ", missing));
        }
        String probe = PREFIX + ProcessHandle.current().pid() + "-probe";
        try {
            Shell.run("ip netns add " + probe);
            Shell.run("ip netns exec " + probe + " iptables -w -A INPUT -p tcp -m multiport --ports 1,2 -j DROP");
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.getMessage());
        } finally {
            Shell.succeeds("ip netns del " + probe);
        }
    }

    /** Removes what runs that have died left behind, and kills what still runs in there. */
    public static void removeLeftovers() throws IOException {
        for (String line : Shell.run("ip netns list").lines().toList()) {
            String name = line.split(" ")[0];
            if (name.startsWith(PREFIX) && !isOurs(name) && !isAlive(name)) {
                remove(name);
            }
        }
    }

    private static boolean isOurs(String name) {
        return name.startsWith(PREFIX + ProcessHandle.current().pid() + "-");
    }

    private static boolean isAlive(String name) {
        long pid = Long.parseLong(name.substring(PREFIX.length()).split("-")[0]);
        return ProcessHandle.of(pid).isPresent();
    }

    private static void remove(String name) throws IOException {
        for (String pid : Shell.run("ip netns pids " + name).lines().toList()) {
            ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
        }
        Shell.run("ip netns del " + name);
    }

    /** Makes them for as many nodes. */
    public static Namespaces create(int nodes) throws IOException {
        removeLeftovers();
        long pid = ProcessHandle.current().pid();
        int first = (int) (pid % NETWORKS);
        for (int i = 0; i < NETWORKS; i++) {
            int network = (first + i) % NETWORKS;
            if (Shell.run("ip -o addr").contains(" 198.18." + network + ".")) {
                continue;
            }
            Namespaces made = new Namespaces(PREFIX + pid + "-" + network + "-", nodes, network);
            try {
                made.build();
                return made;
            } catch (IOException e) {
                made.close();
                throw e;
            }
        }
        throw new IOException("all of 198.18.0.0/16 is in use");
    }

    private void build() throws IOException {
        String hub = prefix + "hub";
        Shell.run("ip netns add " + hub);
        in(hub, "ip link set lo up");
        in(hub, "ip link add bridge type bridge");
        in(hub, "ip link set bridge up");
        Shell.run("ip link add rkvlab" + network + " type veth peer name host netns " + hub);
        in(hub, "ip link set host master bridge up");
        Shell.run("ip addr add 198.18." + network + ".1/24 dev rkvlab" + network);
        Shell.run("ip link set rkvlab" + network + " up");
        for (int node = 0; node < nodes; node++) {
            String namespace = namespace(node);
            Shell.run("ip netns add " + namespace);
            in(namespace, "ip link set lo up");
            in(hub, "ip link add port" + node + " type veth peer name eth0 netns " + namespace);
            in(hub, "ip link set port" + node + " master bridge up");
            in(namespace, "ip addr add " + address(node) + "/24 dev eth0");
            in(namespace, "ip link set eth0 up");
            if (obstacleToSlow().isEmpty()) {
                buildDelayer(namespace);
            }
        }
    }

    /** What leaves by the device {@code slow} comes in by it again, later, and is sent on by eth0. */
    private static void buildDelayer(String namespace) throws IOException {
        in(namespace, "ip tuntap add dev slow mode tun");
        in(namespace, "ip link set slow up");
        set(namespace, "ip_forward", 1);
        set(namespace, "conf/all/rp_filter", 0);
        set(namespace, "conf/slow/rp_filter", 0);
        set(namespace, "conf/slow/accept_local", 1);
        set(namespace, "conf/all/send_redirects", 0);
        set(namespace, "conf/slow/send_redirects", 0);
        in(namespace, "ip rule add iif slow lookup 100");
    }

    @Override
    public String description() {
        return "network namespaces, iptables and a tun device";
    }

    @Override
    public String raftAddress(int node) {
        return address(node) + ":" + RAFT_PORT;
    }

    @Override
    public String httpAddress(int node) {
        return clientUrl(node);
    }

    @Override
    public String clientUrl(int node) {
        return "http://" + address(node) + ":" + HTTP_PORT;
    }

    @Override
    public Map<String, String> settings(int node) {
        return Map.of(
                "RAFT_HOST", address(node),
                "RAFT_INSECURE", "true",
                "RAFT_PORT", Integer.toString(RAFT_PORT),
                "SERVER_PORT", Integer.toString(HTTP_PORT));
    }

    @Override
    public List<String> command(int node, List<String> words) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace(node)));
        all.addAll(words);
        return all;
    }

    /** The namespace tells that by itself. */
    @Override
    public void runs(int node, long pid) {}

    @Override
    public void cut(int from, int to, Traffic traffic) throws IOException {
        in(namespace(to), "iptables -w -A INPUT -s " + address(from) + match(traffic) + " -j DROP");
    }

    private static String match(Traffic traffic) {
        return switch (traffic) {
            case RAFT -> " -p tcp -m multiport --ports " + RAFT_PORT;
            case HTTP -> " -p tcp -m multiport --ports " + HTTP_PORT;
            case ALL -> "";
        };
    }

    @Override
    public void lossy(int node, int percent) throws IOException {
        String lose = " -m statistic --mode random --probability " + percent / 100.0 + " -j DROP";
        for (int other = 0; other < nodes; other++) {
            if (other != node) {
                in(namespace(node), "iptables -w -A INPUT -s " + address(other) + lose);
                in(namespace(other), "iptables -w -A INPUT -s " + address(node) + lose);
            }
        }
    }

    @Override
    public String obstacleToSlow() {
        if (!Shell.succeeds("test -w /dev/net/tun")) {
            return "there is no /dev/net/tun, or it cannot be opened";
        }
        return Shell.succeeds("perl -MTime::HiRes -e 1") ? "" : "not installed: perl";
    }

    @Override
    public void slow(int node, Duration delay) throws IOException {
        String namespace = namespace(node);
        Process process = new ProcessBuilder(command(
                        node,
                        List.of(
                                "perl",
                                Build.source("src/test/resources/lab/slow.pl").toString(),
                                "slow",
                                Long.toString(delay.toMillis()))))
                .redirectErrorStream(true)
                .start();
        delayers.add(process);
        String said = process.inputReader().readLine();
        if (!"ready".equals(said)) {
            throw new IOException("slow.pl says " + said);
        }
        in(namespace, "ip route replace 198.18." + network + ".0/24 dev eth0 table 100");
        for (int other = 0; other < nodes; other++) {
            if (other != node) {
                in(namespace, "ip route replace " + address(other) + " dev slow src " + address(node));
            }
        }
    }

    @Override
    public void heal() throws IOException {
        for (int node = 0; node < nodes; node++) {
            in(namespace(node), "iptables -w -F INPUT");
            if (!delayers.isEmpty()) {
                in(namespace(node), "ip route flush dev slow");
            }
        }
        stopDelayers();
    }

    private void stopDelayers() {
        delayers.forEach(Process::destroyForcibly);
        try {
            for (Process delayer : delayers) {
                delayer.waitFor(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        delayers.clear();
    }

    @Override
    public void close() throws IOException {
        stopDelayers();
        for (String line : Shell.run("ip netns list").lines().toList()) {
            String name = line.split(" ")[0];
            if (name.startsWith(prefix)) {
                remove(name);
            }
        }
        // Goes away with its other end, but in its own time.
        Shell.succeeds("ip link del rkvlab" + network);
    }

    private String namespace(int node) {
        return prefix + (node + 1);
    }

    private String address(int node) {
        return "198.18." + network + "." + (11 + node);
    }

    private static void set(String namespace, String setting, int value) throws IOException {
        Shell.run("ip", "netns", "exec", namespace, "sh", "-c", "echo " + value + " > /proc/sys/net/ipv4/" + setting);
    }

    private static void in(String namespace, String words) throws IOException {
        Shell.run("ip netns exec " + namespace + " " + words);
    }
}

package dev.raftkv.launch;

import dev.raftkv.launch.certs.CertificateDirectory;
import dev.raftkv.launch.certs.CertificateDirectory.Made;
import dev.raftkv.launch.certs.CertsException;
import java.io.PrintStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** {@code java -jar raftkv.war certs}: an authority, and a certificate for each node. */
final class CertsCommand {
    static final String USAGE = "DIRECTORY NODE... [--hosts NAME,NAME]";

    private static final String HOSTS = "--hosts";

    /** What a directory of a node would be in the way of. */
    private static final Set<String> OTHER_NAMES =
            Set.of(".", "..", CertificateDirectory.AUTHORITY, CertificateDirectory.AUTHORITY_KEY);

    private final List<String> words = new ArrayList<>();
    private final List<String> hosts = new ArrayList<>();

    private CertsCommand() {}

    static void run(List<String> arguments, PrintStream out) throws LaunchException {
        CertsCommand command = new CertsCommand();
        command.parse(new ArrayList<>(arguments));
        command.check();
        command.make(out);
    }

    private void parse(List<String> rest) throws LaunchException {
        while (!rest.isEmpty()) {
            String word = rest.remove(0);
            if (word.startsWith(HOSTS + "=")) {
                addHosts(word.substring(HOSTS.length() + 1));
            } else if (word.equals(HOSTS)) {
                addHosts(rest.isEmpty() ? "" : rest.remove(0));
            } else if (word.startsWith("-")) {
                throw wrongUse(word + " is no option of it");
            } else {
                words.add(word);
            }
        }
    }

    private void addHosts(String list) throws LaunchException {
        for (String host : list.split(",", -1)) {
            if (!CertificateDirectory.isHost(host.strip())) {
                throw wrongUse(HOSTS + " is " + list
                        + ": give host names or addresses, with commas between them, such as kv1.example.com,10.0.0.1");
            }
            hosts.add(host.strip());
        }
    }

    private void check() throws LaunchException {
        if (words.size() < 2) {
            throw wrongUse("it needs a directory and the names of nodes (RAFT_NODE_ID)");
        }
        for (String node : nodes()) {
            if (!LaunchOption.NODE_ID.accepts(node) || OTHER_NAMES.contains(node)) {
                throw wrongUse("the node " + node + " cannot be: give " + LaunchOption.NODE_ID.accepts());
            }
        }
    }

    private List<String> nodes() {
        return words.subList(1, words.size()).stream().distinct().toList();
    }

    private void make(PrintStream out) throws LaunchException {
        try {
            Path path = Path.of(words.get(0));
            CertificateDirectory directory = CertificateDirectory.open(path, Instant.now());
            List<Made> made = directory.add(nodes(), hosts);
            Path authority = path.resolve(CertificateDirectory.AUTHORITY);
            Path authorityKey = path.resolve(CertificateDirectory.AUTHORITY_KEY);
            for (Made node : made) {
                out.println(node.directory() + " holds until " + date(node.until()) + ", for "
                        + String.join(", ", node.hosts()));
            }
            Path first = made.get(0).directory();
            out.println(authority + " holds until " + date(directory.until()));
            out.println("""

                    Next: copy each directory to its node, readable by the node's user alone, and start the node with
                      RAFT_TLS=%s
                    Clients need %s: curl --cacert %s https://localhost:8080/health/ready
                    Keep %s away from the nodes, as whoever has it can be any of them. With it, this command makes
                    certificates for more nodes of the cluster; to renew one, move its directory away first.""".formatted(first, authority, authority, authorityKey));
        } catch (InvalidPathException e) {
            throw wrongUse(words.get(0) + " is no path of a directory");
        } catch (CertsException e) {
            throw new LaunchException(e.getMessage(), e);
        }
    }

    private static LocalDate date(Instant instant) {
        return instant.atZone(ZoneOffset.UTC).toLocalDate();
    }

    private static LaunchException wrongUse(String problem) {
        return new LaunchException(
                LaunchException.EXIT_WRONG_USE,
                problem + "\nUse it so: java -jar raftkv.war " + LaunchCommand.CERTS.usage());
    }
}

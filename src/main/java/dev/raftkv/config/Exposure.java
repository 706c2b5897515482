package dev.raftkv.config;

import dev.raftkv.config.NodeConfig.Auth;
import dev.raftkv.config.NodeConfig.Security;
import dev.raftkv.model.StartException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Who reaches a node, and whether it may be reached like that: beyond this machine the Raft port needs {@code RAFT_TLS}, and
 * HTTP needs {@code RAFT_AUTH}, unless {@code RAFT_INSECURE} says that the network is trusted.
 */
public final class Exposure {
    private final NodeConfig config;
    private final Optional<String> httpHost;

    /** @param httpHost the host that the server's HTTP port listens on; empty if the server does not tell */
    public Exposure(NodeConfig config, Optional<String> httpHost) {
        this.config = config;
        this.httpHost = httpHost;
    }

    /**
     * Returns what the operator has to be warned of: that others reach what is not protected, as somebody has said that they may;
     * or that tokens and passwords come over HTTP as they are. Looks host names up, and takes as long as that does.
     *
     * @throws StartException if others reach what is not protected, and nobody has said that they may
     */
    public Optional<String> check() {
        List<String> open = new ArrayList<>();
        List<String> ways = new ArrayList<>();
        Security security = config.security();
        if (security.tls().isEmpty() && isBeyondThisMachine(config.raftBindHost())) {
            open.add("others reach its Raft port, because RAFT_BIND_HOST is " + config.raftBindHost()
                    + ", and without RAFT_TLS they can read and change everything there");
            ways.add("RAFT_TLS to a directory with certificates (java -jar raftkv.war certs makes some)");
        }
        if (security.auth() == Auth.NONE) {
            httpReach().ifPresent(because -> {
                open.add("others reach it over HTTP, because " + because
                        + ", and without RAFT_AUTH all of them may do everything");
                ways.add("RAFT_AUTH to container, or to a file of tokens (java -jar raftkv.war token makes its lines)");
            });
        }
        if (open.isEmpty()) {
            return pagesOfAllSites().or(() -> security.insecure() ? Optional.empty() : readableSecrets());
        }
        if (security.insecure()) {
            return Optional.of("this node is not protected, and RAFT_INSECURE says that it need not be: "
                    + String.join("; ", open)
                    + pagesOfAllSites().map(pages -> "; " + pages).orElse(""));
        }
        throw new StartException(String.join("; ", open) + ". Set " + String.join(", and ", ways)
                + "; or set RAFT_INSECURE to true, if everybody who reaches this node may do everything");
    }

    /** Their users need not know of it, and a trusted network does not help: the browser is in it. */
    private Optional<String> pagesOfAllSites() {
        Security security = config.security();
        return security.auth() == Auth.NONE && security.corsOrigins().contains("*")
                ? Optional.of(
                        "any page of any site may do everything here in the browser of somebody who reaches this node, because"
                                + " RAFT_CORS_ORIGINS is * and RAFT_AUTH is not set: name the origins of the sites, or set RAFT_AUTH")
                : Optional.empty();
    }

    /** A proxy with TLS, or the server's own connector, is seen in the address that clients use. */
    private Optional<String> readableSecrets() {
        if (config.security().auth() == Auth.NONE
                || URI.create(config.httpAddress()).getScheme().equalsIgnoreCase("https")) {
            return Optional.empty();
        }
        return httpReach()
                .map(because -> "others reach this node over HTTP, because " + because
                        + ", and without TLS tokens and passwords cross the network for all to read: give java -jar raftkv.war RAFT_TLS, or"
                        + " the server's connector or the proxy in front a certificate, and let RAFT_HTTP_ADDRESS begin with https; or"
                        + " set RAFT_INSECURE to true, if the network is trusted");
    }

    /** Whether this machine alone may ask the node over HTTP, as nobody has said who else may do what. */
    public static boolean isForThisMachine(Security security) {
        return security.auth() == Auth.NONE && !security.insecure();
    }

    /** What a caller from elsewhere is told while {@link #isForThisMachine}. */
    public static String refusal() {
        return "this node answers its own machine only, because nobody has said who may do what: set RAFT_AUTH to container,"
                + " or to a file of tokens (java -jar raftkv.war token makes its lines); or set RAFT_INSECURE to true, if"
                + " everybody who reaches this node may do everything; then start it again";
    }

    /** What makes others reach the node over HTTP. */
    private Optional<String> httpReach() {
        String address = config.httpAddress();
        if (isBeyondThisMachine(URI.create(address).getHost().replaceAll("[\\[\\]]", ""))) {
            return Optional.of("RAFT_HTTP_ADDRESS is " + address);
        }
        if (httpHost.isPresent()) {
            return httpHost.filter(Exposure::isBeyondThisMachine).map(host -> "its HTTP port listens on " + host);
        }
        String host = config.raftAddress().host();
        return isBeyondThisMachine(host) ? Optional.of("RAFT_HOST is " + host) : Optional.empty();
    }

    /** Whether others may reach what listens on the host: a name that nobody knows here may be known elsewhere. */
    private static boolean isBeyondThisMachine(String host) {
        try {
            return !Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            return true;
        }
    }
}

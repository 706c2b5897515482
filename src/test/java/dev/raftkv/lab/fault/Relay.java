package dev.raftkv.lab.fault;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * A TCP proxy in front of one port. While a link is cut its bytes wait, the end of the connection too: to both sides it looks
 * as if the other one were silent. A new connection is taken and nothing comes of it.
 */
final class Relay implements AutoCloseable {
    private static final int BACKLOG = 100;
    private static final int CONNECT_LIMIT_MILLIS = 2_000;
    private static final int BUFFER_BYTES = 65_536;

    private final ServerSocket server = new ServerSocket();
    private final InetSocketAddress target;
    private final Function<Socket, Route> routes;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** Both ways between the one who connects and the target. */
    record Route(Link there, Link back) {}

    /**
     * @param address where it listens
     * @param target where it connects to
     * @param routes by the socket of the one who connects
     */
    Relay(InetSocketAddress address, InetSocketAddress target, Function<Socket, Route> routes) throws IOException {
        this.target = target;
        this.routes = routes;
        server.setReuseAddress(true);
        server.bind(address, BACKLOG);
    }

    void start() {
        daemon("relay " + server.getLocalSocketAddress(), this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                open.add(client);
                daemon("relay of " + client.getRemoteSocketAddress(), () -> serve(client));
            } catch (IOException e) {
                // Closed, or the other one has gone already.
            }
        }
    }

    private void serve(Socket client) {
        try {
            Route route = routes.apply(client);
            route.there().travel();
            route.back().travel();
            Socket upstream = new Socket();
            open.add(upstream);
            upstream.connect(target, CONNECT_LIMIT_MILLIS);
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            daemon("relay back", () -> pump(upstream, client, route.back()));
            pump(client, upstream, route.there());
        } catch (IOException | InterruptedException e) {
            close(client);
        }
    }

    private void pump(Socket from, Socket to, Link link) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                link.travel();
                out.write(buffer, 0, read);
            }
            link.travel();
            to.shutdownOutput();
        } catch (IOException | InterruptedException e) {
            awaitLink(link);
            close(from);
            close(to);
        }
        if (from.isOutputShutdown() && to.isOutputShutdown()) {
            close(from);
            close(to);
        }
    }

    /** That a connection is broken is not heard over a link that is cut. */
    private static void awaitLink(Link link) {
        try {
            link.travel();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void close(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use any more, either way.
        }
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Breaks all connections too. */
    @Override
    public void close() throws IOException {
        server.close();
        open.forEach(this::close);
    }
}

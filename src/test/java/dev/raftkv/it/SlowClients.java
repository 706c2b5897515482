package dev.raftkv.it;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Clients that nobody wants, at one node: on one thread, by connections that do not block it. */
final class SlowClients implements AutoCloseable {
    private static final int SMALL_WINDOW = 4096;

    /** A node that takes no connection so soon has enough of them. */
    private static final Duration TAKEN_WITHIN = Duration.ofMillis(200);

    private final InetSocketAddress node;
    private final List<SocketChannel> senders = new ArrayList<>();
    private final List<SocketChannel> deaf = new ArrayList<>();
    private int refused;

    SlowClients(int port) {
        node = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** A client that begins to send a long body, and goes on with a byte each time that {@link #sendAByte} is called. */
    void addSender() throws IOException {
        senders.add(
                ask(
                        0,
                        "POST /store HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"));
    }

    void sendAByte() {
        for (SocketChannel sender : senders) {
            try {
                sender.write(ByteBuffer.wrap(new byte[] {' '}));
            } catch (IOException e) {
                // The node has had enough of it.
            }
        }
    }

    /** A client that asks for the same so often on one connection, and takes nothing of the answers. */
    void addWithoutReading(String target, int times) throws IOException {
        deaf.add(ask(SMALL_WINDOW, ("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n").repeat(times)));
    }

    /** The same with a body to send. */
    void addWithoutReading(String target, String json) throws IOException {
        deaf.add(ask(
                SMALL_WINDOW,
                "POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                        + json.length() + "\r\n\r\n" + json));
    }

    /** A client that waits for a change, and has gone before there is one. */
    void vanish() throws IOException {
        ask(0, "GET /watch?key=never&wait=600s HTTP/1.1\r\nHost: h\r\n\r\n").close();
    }

    /** How many found the door closed. */
    int refused() {
        return refused;
    }

    /** A connection on which something was asked, if the node has taken it soon. */
    private SocketChannel ask(int window, String request) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            if (window > 0) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, window);
            }
            channel.configureBlocking(false);
            channel.connect(node);
            long deadline = System.nanoTime() + TAKEN_WITHIN.toNanos();
            while (!channel.finishConnect() && System.nanoTime() < deadline) {
                LockSupport.parkNanos(1_000_000);
            }
            channel.write(ByteBuffer.wrap(request.getBytes(US_ASCII)));
        } catch (IOException | IllegalStateException e) {
            refused++;
            channel.close();
        }
        return channel;
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel each : senders) {
            each.close();
        }
        for (SocketChannel each : deaf) {
            each.close();
        }
    }
}

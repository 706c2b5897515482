package dev.raftkv.it;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Clients that nobody wants, at one node: on one thread, by connections that do not block it. */
final class SlowClients implements AutoCloseable {
    private final InetSocketAddress node;
    private final List<SocketChannel> senders = new ArrayList<>();
    private final List<SocketChannel> others = new ArrayList<>();

    SlowClients(int port) {
        node = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Clients that begin to send a long body, and go on with a byte each time that {@link #sendAByte} is called. */
    void addSenders(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            SocketChannel sender = connect(0);
            send(
                    sender,
                    "POST /store HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{");
            senders.add(sender);
        }
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

    /** Clients that ask, again and again on one connection, and take nothing of the answers. */
    void addWithoutReading(int count, String target) throws IOException {
        for (int i = 0; i < count; i++) {
            SocketChannel deaf = connect(4096);
            send(deaf, ("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n").repeat(4));
            others.add(deaf);
        }
    }

    /** A client that waits for a change, and has gone before there is one. */
    void vanish() throws IOException {
        try (SocketChannel poll = connect(0)) {
            send(poll, "GET /watch?key=never&wait=600s HTTP/1.1\r\nHost: h\r\n\r\n");
        }
    }

    /** A connection that the node takes soon, or not: it is not waited for. */
    private SocketChannel connect(int receives) throws IOException {
        SocketChannel channel = SocketChannel.open();
        if (receives > 0) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, receives);
        }
        channel.configureBlocking(false);
        channel.connect(node);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (!channel.finishConnect() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        return channel;
    }

    private static void send(SocketChannel channel, String request) throws IOException {
        channel.write(ByteBuffer.wrap(request.getBytes(US_ASCII)));
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel each : senders) {
            each.close();
        }
        for (SocketChannel each : others) {
            each.close();
        }
    }
}

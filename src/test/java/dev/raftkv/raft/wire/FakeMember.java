package dev.raftkv.raft.wire;

import dev.raftkv.model.Address;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.ratis.thirdparty.com.google.protobuf.Int64Value;

/** Somebody whom a node takes for a member: it greets, and does with each request what the test says. */
public final class FakeMember implements Closeable {
    /** What it does when it is asked. */
    public enum Manner {
        ANSWERS,
        REFUSES,
        IS_SILENT,
        /** As a node does that does not know what it is asked. */
        HANGS_UP
    }

    private static final int ANSWER = 0x80;
    private static final int REFUSAL = 0xC0;

    private final ServerSocket socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final Queue<Integer> asked = new ConcurrentLinkedQueue<>();
    private final Queue<Socket> guests = new ConcurrentLinkedQueue<>();
    private volatile Manner manner = Manner.ANSWERS;

    public FakeMember() throws IOException {
        start(this::accept);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "fake-member");
        thread.setDaemon(true);
        thread.start();
    }

    public Address address() {
        return new Address("127.0.0.1", socket.getLocalPort());
    }

    public void behave(Manner next) {
        manner = next;
    }

    /** How often it was asked. */
    public int asked() {
        return asked.size();
    }

    private void accept() {
        try {
            while (true) {
                Socket guest = socket.accept();
                guests.add(guest);
                start(() -> serve(guest));
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private void serve(Socket guest) {
        try (guest) {
            DataInputStream in = new DataInputStream(guest.getInputStream());
            OutputStream out = guest.getOutputStream();
            out.write(Greeting.bytes());
            in.readFully(new byte[Greeting.bytes().length]);
            while (true) {
                byte[] frame = new byte[in.readInt()];
                in.readFully(frame);
                int call = ByteBuffer.wrap(frame).getInt();
                int type = frame[4];
                asked.add(type);
                switch (manner) {
                    case ANSWERS ->
                        out.write(frame(
                                call,
                                type | ANSWER,
                                Int64Value.newBuilder().setValue(type).build().toByteArray()));
                    case REFUSES ->
                        out.write(frame(call, type | REFUSAL, "\0not now".getBytes(StandardCharsets.UTF_8)));
                    case IS_SILENT -> {}
                    case HANGS_UP -> {
                        return;
                    }
                }
            }
        } catch (IOException e) {
            // The node has closed the connection.
        }
    }

    private static byte[] frame(int call, int type, byte[] body) {
        return ByteBuffer.allocate(9 + body.length)
                .putInt(5 + body.length)
                .putInt(call)
                .put((byte) type)
                .put(body)
                .array();
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Socket guest : guests) {
            guest.close();
        }
    }
}

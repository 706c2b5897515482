package dev.raftkv.bench.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** One connection with one request under way at most. */
final class Connection implements AutoCloseable {
    /** More than any answer of the benchmark has. */
    private static final int BUFFER = 16 * 1024;

    private static final int SHOWN = 300;

    private final Wire wire;
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(BUFFER);
    private ByteBuffer out = ByteBuffer.allocate(0);
    private SelectionKey selection;
    private Operation operation;
    private int repliesLeft;
    private boolean good;
    private String refused = "";
    private long sent;

    private Connection(Wire wire, SocketChannel channel) {
        this.wire = wire;
        this.channel = channel;
    }

    /**
     * Connects, has said hello and was welcomed.
     *
     * @param patience how long each of these may take, in nanoseconds
     */
    static Connection open(Wire wire, InetSocketAddress server, Selector selector, long patience) throws IOException {
        SocketChannel channel = SocketChannel.open();
        Connection connection = new Connection(wire, channel);
        try {
            channel.socket().connect(server, (int) TimeUnit.NANOSECONDS.toMillis(patience));
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
            connection.selection = channel.register(selector, SelectionKey.OP_READ, connection);
            connection.greet(patience);
            return connection;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void greet(long patience) throws IOException {
        byte[] hello = wire.hello();
        if (hello.length == 0) {
            return;
        }
        begin(hello);
        long end = System.nanoTime() + patience;
        Wire.Reply reply = Wire.Reply.UNFINISHED;
        while (reply == Wire.Reply.UNFINISHED) {
            if (System.nanoTime() > end) {
                throw new IOException("the server has not welcomed a connection in time");
            }
            selection.selector().select(100);
            selection.selector().selectedKeys().clear();
            push();
            receive();
            in.flip();
            reply = wire.welcome(in);
            in.compact();
        }
        if (reply == Wire.Reply.BAD) {
            throw new IOException("the server has refused a connection");
        }
    }

    void send(Operation next, long key, long serial) throws IOException {
        send(next, key, serial, System.nanoTime());
    }

    /** @param due what is taken for the time at which it was sent */
    void send(Operation next, long key, long serial, long due) throws IOException {
        operation = next;
        repliesLeft = wire.replies(next);
        good = true;
        sent = due;
        begin(wire.request(next, key, serial));
    }

    private void begin(byte[] bytes) throws IOException {
        out = ByteBuffer.wrap(bytes);
        push();
    }

    /** Sends what is left of the request. */
    private void push() throws IOException {
        if (out.hasRemaining()) {
            channel.write(out);
            selection.interestOps(
                    out.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
        }
    }

    private void receive() throws IOException {
        if (channel.read(in) < 0) {
            throw new EOFException("the server has closed a connection");
        }
    }

    /** Goes on with what can be done. Returns whether the request was answered by that. */
    boolean proceed() throws IOException {
        push();
        receive();
        if (repliesLeft == 0) {
            if (in.position() > 0) {
                throw new IOException("the server has sent what nobody asked for");
            }
            return false;
        }
        in.flip();
        while (repliesLeft > 0) {
            int begin = in.position();
            Wire.Reply reply = wire.take(in, operation, repliesLeft == 1);
            if (reply == Wire.Reply.UNFINISHED) {
                if (in.remaining() == BUFFER) {
                    throw new IOException("an answer is longer than " + BUFFER + " bytes");
                }
                in.compact();
                return false;
            }
            if (reply == Wire.Reply.BAD) {
                good = false;
                refused = text(begin);
            }
            repliesLeft--;
        }
        in.compact();
        return true;
    }

    private String text(int begin) {
        byte[] shown = new byte[Math.min(SHOWN, in.position() - begin)];
        in.get(begin, shown);
        return new String(shown, StandardCharsets.ISO_8859_1);
    }

    /** Whether the last request was done. */
    boolean wasGood() {
        return good;
    }

    /** The last answer that was not good, or its beginning. */
    String refused() {
        return refused;
    }

    /** When the last request was sent, as {@link System#nanoTime}. */
    long sent() {
        return sent;
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            byte[] farewell = wire.farewell();
            if (channel.isOpen() && farewell.length > 0) {
                channel.write(ByteBuffer.wrap(farewell));
            }
        }
    }
}

package dev.raftkv.raft.wire;

import dev.raftkv.model.Address;
import dev.raftkv.tls.Tls;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import javax.net.ssl.SSLSocket;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;

/** Somebody who can reach a node's Raft port, and says there what he likes. */
public final class Stranger implements AutoCloseable {
    private static final int MILLIS = 20_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    private Stranger(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
    }

    /** Connects, and says nothing. */
    public static Stranger connect(Address to) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(to.host(), to.port()), MILLIS);
        socket.setSoTimeout(MILLIS);
        return new Stranger(socket);
    }

    /** Connects by TLS, with the certificate in a directory if there is one, and says nothing. */
    public static Stranger connect(Address to, Path certificate) throws IOException {
        SSLSocket socket =
                (SSLSocket) Tls.open(certificate).context().getSocketFactory().createSocket();
        socket.connect(new InetSocketAddress(to.host(), to.port()), MILLIS);
        socket.setSoTimeout(MILLIS);
        socket.startHandshake();
        return new Stranger(socket);
    }

    public static Stranger connect(Address to, Optional<Path> certificate) throws IOException {
        return certificate.isPresent() ? connect(to, certificate.get()) : connect(to);
    }

    /** Says what nodes say first, and hears it. */
    public Stranger greet() throws IOException {
        send(Greeting.bytes());
        in.readFully(new byte[Greeting.bytes().length]);
        return this;
    }

    public void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** Without waiting for anything. */
    public void send(Kind kind, MessageLite request) throws IOException {
        byte[] body = request.toByteArray();
        send(ByteBuffer.allocate(9 + body.length)
                .putInt(5 + body.length)
                .putInt(7)
                .put((byte) kind.number())
                .put(body)
                .array());
    }

    /**
     * The answer's body, if the request is answered.
     *
     * @throws EOFException if the node closes the connection
     * @throws IOException with what the node says, if it refuses
     */
    public byte[] ask(Kind kind, MessageLite request) throws IOException {
        send(kind, request);
        int length = in.readInt();
        in.readInt();
        int type = in.readUnsignedByte();
        byte[] body = new byte[length - 5];
        in.readFully(body);
        if (type >= 0xC0) {
            throw new IOException(new String(body, 1, body.length - 1, StandardCharsets.UTF_8));
        }
        return body;
    }

    /** Waits until the node closes the connection; whatever it says before is dropped. */
    public void awaitClose() throws IOException {
        try {
            while (in.read() >= 0) {
                // what it says
            }
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            // Closed with something unread.
        }
    }

    /** The beginning of a request. */
    public static RaftRpcRequestProto head(String from, String to, UUID group) {
        return RaftRpcRequestProto.newBuilder()
                .setRequestorId(ByteString.copyFromUtf8(from))
                .setReplyId(ByteString.copyFromUtf8(to))
                .setRaftGroupId(RaftGroupIdProto.newBuilder()
                        .setId(ByteString.copyFrom(ByteBuffer.allocate(16)
                                .putLong(group.getMostSignificantBits())
                                .putLong(group.getLeastSignificantBits())
                                .flip())))
                .build();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

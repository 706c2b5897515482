package dev.raftkv.raft.wire;

import dev.raftkv.model.Address;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;

/** Somebody who can reach a node's Raft port, and says there what he likes. */
public final class Stranger implements AutoCloseable {
    /** What a node says instead of an answer; the connection goes on. */
    public static final class Refusal extends IOException {
        private static final long serialVersionUID = 1;

        Refusal(String message) {
            super(message);
        }
    }

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
        SSLSocket socket = (SSLSocket) context(certificate).getSocketFactory().createSocket();
        socket.connect(new InetSocketAddress(to.host(), to.port()), MILLIS);
        socket.setSoTimeout(MILLIS);
        socket.startHandshake();
        return new Stranger(socket);
    }

    /** Shows what is in the directory, however bad it is, and believes everybody. */
    private static SSLContext context(Path directory) throws IOException {
        try {
            KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
            keys.load(null, null);
            keys.setKeyEntry(
                    "own",
                    KeyFactory.getInstance("EC")
                            .generatePrivate(new PKCS8EncodedKeySpec(pem(directory.resolve("key.pem")))),
                    new char[0],
                    new Certificate[] {
                        CertificateFactory.getInstance("X.509")
                                .generateCertificate(new ByteArrayInputStream(pem(directory.resolve("cert.pem"))))
                    });
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            own.init(keys, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own.getKeyManagers(), new TrustManager[] {new Believer()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static byte[] pem(Path file) throws IOException {
        String text = Files.readString(file).replaceAll("-----[^-]*-----", "");
        return Base64.getMimeDecoder().decode(text);
    }

    private static final class Believer extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
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
    public void send(Kind kind, byte[] body) throws IOException {
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
     * @throws Refusal with what the node says, if it refuses
     */
    public byte[] ask(Kind kind, MessageLite request) throws IOException {
        return ask(kind, request.toByteArray());
    }

    /** The same with any bytes for a request. */
    public byte[] ask(Kind kind, byte[] request) throws IOException {
        send(kind, request);
        int length = in.readInt();
        in.readInt();
        int type = in.readUnsignedByte();
        byte[] body = new byte[length - 5];
        in.readFully(body);
        if (type >= 0xC0) {
            throw new Refusal(new String(body, 1, body.length - 1, StandardCharsets.UTF_8));
        }
        return body;
    }

    /** The same for so long. */
    public void awaitClose(Duration limit) throws IOException {
        socket.setSoTimeout((int) limit.toMillis());
        awaitClose();
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

package dev.raftkv.raft.wire;

import dev.raftkv.model.Address;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.proto.RaftProtos.GroupInfoReplyProto;
import org.apache.ratis.proto.RaftProtos.RaftGroupProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcReplyProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyExceptionReplyProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerReplyProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.Int64Value;

/** Somebody who would like to be joined, and answers a node with a Java object that does harm where it is read. */
public final class Impostor implements AutoCloseable {
    /** How it answers. */
    public enum Way {
        /** At once, by the protocol of Ratis, which has serialized exceptions in it. */
        OLD_PROTOCOL,
        /** The same behind a proper greeting. */
        GREETING_THEN_OLD_PROTOCOL,
        /** With the object for an answer. */
        WHO,
        /** With the object in an answer that can be read. */
        WHO_WITH_OBJECT_AS_NAME,
        /** With the object for what a refusal says. */
        REFUSAL,
        /** Properly, until it is asked how many keys it holds. */
        PREPARE,
        /** The same, until it is to leave its group. */
        LEAVE,
        /** The same, until it is to enter the leader's. */
        ENTER,
        /** The same, until it is a member nearly, and is sent entries. */
        APPEND
    }

    /** Counts where it is read. */
    public static final class Harm extends IOException {
        private static final long serialVersionUID = 1;
        private static final AtomicInteger DONE = new AtomicInteger();

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            DONE.incrementAndGet();
            in.defaultReadObject();
        }

        /** How often one was read in this JVM. */
        public static int done() {
            return DONE.get();
        }
    }

    private static final int ANSWER = 0x80;
    private static final int REFUSAL = 0xC0;
    private static final int MILLIS = 20_000;

    private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<Kind> asked = new CopyOnWriteArrayList<>();
    private final Way way;
    private final byte[] harm = bytes(new Harm());
    private final UUID group = UUID.randomUUID();

    public Impostor(Way way) throws IOException {
        this.way = way;
    }

    /** Begins to answer. */
    public Impostor start() {
        daemon(() -> {
            while (true) {
                Socket socket = server.accept();
                open.add(socket);
                daemon(() -> serve(socket));
            }
        });
        return this;
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void daemon(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException e) {
                // The other end has had enough, or this one is closed.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    public Address address() {
        return new Address("127.0.0.1", server.getLocalPort());
    }

    /** What it was asked so far. */
    public List<Kind> asked() {
        return List.copyOf(asked);
    }

    /** As Java writes it. */
    public static byte[] bytes(Serializable object) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        return bytes.toByteArray();
    }

    private void serve(Socket socket) throws IOException {
        try (socket) {
            socket.setSoTimeout(MILLIS);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            if (way == Way.OLD_PROTOCOL) {
                oldAnswer(out);
            }
            out.write(Greeting.bytes());
            in.readFully(new byte[Greeting.bytes().length]);
            while (true) {
                int length = in.readInt();
                int call = in.readInt();
                Kind kind = Kind.of(in.readUnsignedByte()).orElseThrow();
                in.readFully(new byte[length - 5]);
                asked.add(kind);
                if (way == Way.GREETING_THEN_OLD_PROTOCOL) {
                    oldAnswer(out);
                } else if (way == Way.REFUSAL) {
                    send(out, call, kind.number() | REFUSAL, harm);
                } else {
                    send(out, call, kind.number() | ANSWER, body(kind));
                }
            }
        }
    }

    private static void send(DataOutputStream out, int call, int type, byte[] body) throws IOException {
        out.writeInt(5 + body.length);
        out.writeInt(call);
        out.writeByte(type);
        out.write(body);
        out.flush();
    }

    /** As a node of Ratis says that it has failed. */
    private void oldAnswer(DataOutputStream out) throws IOException {
        RaftNettyServerReplyProto.newBuilder()
                .setExceptionReply(RaftNettyExceptionReplyProto.newBuilder()
                        .setRpcReply(reply())
                        .setException(ByteString.copyFrom(harm)))
                .build()
                .writeDelimitedTo(out);
        out.flush();
    }

    private byte[] body(Kind kind) {
        if (kind.name().equals(way.name())) {
            return harm;
        }
        return switch (kind) {
            case WHO -> who().toByteArray();
            case PREPARE -> Int64Value.of(0).toByteArray();
            case LEAVE, ENTER -> reply().build().toByteArray();
            default -> harm;
        };
    }

    private GroupInfoReplyProto who() {
        if (way == Way.WHO_WITH_OBJECT_AS_NAME) {
            return GroupInfoReplyProto.newBuilder()
                    .setRpcReply(reply().setReplyId(ByteString.copyFrom(harm)))
                    .build();
        }
        return GroupInfoReplyProto.newBuilder()
                .setRpcReply(reply())
                .setGroup(RaftGroupProto.newBuilder()
                        .setGroupId(Stranger.head("", "", group).getRaftGroupId())
                        .addPeers(RaftPeerProto.newBuilder()
                                .setId(name())
                                .setAddress(address().toString())))
                .build();
    }

    private RaftRpcReplyProto.Builder reply() {
        return RaftRpcReplyProto.newBuilder().setReplyId(name()).setSuccess(true);
    }

    private ByteString name() {
        return ByteString.copyFrom("node9@" + address(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}

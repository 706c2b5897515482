package dev.raftkv.raft.wire;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Address;
import dev.raftkv.model.StartException;
import dev.raftkv.raft.look.Callers;
import dev.raftkv.raft.look.Heirs;
import dev.raftkv.raft.look.VoteWatch;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.raft.ratis.PeerName;
import dev.raftkv.raft.ratis.RaftSettings;
import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.TimeoutIOException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.netty.bootstrap.Bootstrap;
import org.apache.ratis.thirdparty.io.netty.channel.Channel;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelFuture;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelInitializer;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelOption;
import org.apache.ratis.thirdparty.io.netty.channel.ConnectTimeoutException;
import org.apache.ratis.thirdparty.io.netty.channel.EventLoopGroup;
import org.apache.ratis.thirdparty.io.netty.channel.nio.NioEventLoopGroup;
import org.apache.ratis.thirdparty.io.netty.channel.socket.SocketChannel;
import org.apache.ratis.thirdparty.io.netty.channel.socket.nio.NioSocketChannel;

/** What this node speaks to other nodes with, at its Raft port and at theirs. It outlives Ratis' server. */
public final class Wire implements AutoCloseable {
    private static final int LOOPS = 2;
    private static final int HANDSHAKES = 2;
    /** Netty's threads that are to end do so within. */
    private static final long CLOSE_MILLIS = 1000;
    /** Before anything of Raft's was said, a connection that says nothing. */
    private static final long IDLE_MILLIS = 60_000;
    /** What answers may have: nothing large. */
    private static final int ANSWER_BYTES = 64 << 10;

    private static final long THREAD_SECONDS = 10;

    private final NodeConfig config;
    private final OwnServer own;
    private final VoteWatch votes;
    private final Callers callers = new Callers();
    private final Heirs heirs;
    private final Threads threads;
    private final ThreadPoolExecutor answerers;
    private final ThreadPoolExecutor handshakers;
    private final Traffic traffic;
    private final Frames.Room room = new Frames.Room(Long.MAX_VALUE);
    private final Optional<Tls> tls;
    private final Optional<Encryption> encryption;
    private EventLoopGroup loops;
    /** Of the server that was opened last. */
    private volatile MemberCalls members;

    /**
     * What makes its threads.
     *
     * @param loops wait for the network and for nothing else
     * @param guests read what other nodes send, and wait for Ratis to take entries
     * @param handshakes do what takes time in a TLS handshake, and wait for nothing
     * @param answers may wait for the disk and for other nodes
     * @param answerThreads how many of those
     */
    public record Threads(
            ThreadFactory loops,
            ThreadFactory guests,
            ThreadFactory handshakes,
            ThreadFactory answers,
            int answerThreads) {}

    /**
     * @param votes is told of each vote
     * @param tls by which it is encrypted, if it is
     * @param alone whether this application has the JVM to itself, and may load what stays in it
     */
    public Wire(NodeConfig config, OwnServer own, VoteWatch votes, Optional<Tls> tls, boolean alone, Threads threads) {
        this.config = config;
        this.own = own;
        this.votes = votes;
        this.heirs = new Heirs(callers, config.timeouts().election(), System::nanoTime);
        this.tls = tls;
        this.threads = threads;
        this.traffic = new Traffic(own.name().toString(), System::nanoTime);
        this.answerers = pool(threads.answerThreads(), threads.answers());
        this.handshakers = pool(HANDSHAKES, threads.handshakes());
        this.encryption = tls.map(each -> new Encryption(own.name().toString(), each, alone, handshakers));
    }

    /** Each connection has one request, or one handshake. */
    private static ThreadPoolExecutor pool(int threads, ThreadFactory factory) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                THREAD_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(4 * RaftPort.MOST_CONNECTIONS),
                factory);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /**
     * Begins the threads.
     *
     * @throws StartException with what to do, if the certificate is that of another node, or of none
     */
    public void open() {
        tls.ifPresent(this::checkName);
        encryption.ifPresent(Encryption::open);
        loops = new NioEventLoopGroup(LOOPS, threads.loops());
    }

    /** The others take a node for whom its certificate names. */
    private void checkName(Tls opened) {
        String name = Tls.name(opened.certificate()).orElse("");
        if (!name.equals(own.name().nodeId())) {
            throw new StartException(
                    "the certificate in " + config.security().tls().orElseThrow() + " is that of \""
                            + name + "\", and this node is called " + own.name().nodeId()
                            + ": give it a certificate with its RAFT_NODE_ID as CN, or set RAFT_NODE_ID");
        }
        if (!Tls.isForNodes(opened.certificate())) {
            throw new StartException(
                    "the certificate in " + config.security().tls().orElseThrow()
                            + " is none of a node: make one with extendedKeyUsage serverAuth and clientAuth, as"
                            + " java -jar raftkv.war certs does");
        }
    }

    public boolean isEncrypted() {
        return tls.isPresent();
    }

    public Traffic traffic() {
        return traffic;
    }

    /** Who has connections to this node. */
    public Callers callers() {
        return callers;
    }

    /** Who may stand when the leader has gone. */
    public Heirs heirs() {
        return heirs;
    }

    /** What Ratis calls other members with, and is called by. */
    public RaftServerRpc members(RaftServer server) {
        Introductions introductions = new Introductions(this, own.name(), patienceMillis(), answerers);
        RaftPort port = new RaftPort(
                new InetSocketAddress(
                        config.raftBindHost(), config.raftAddress().port()),
                RaftSettings.maxAppendBytes(config) + Frames.OVERHEAD,
                new Guest.Patience(bulkPatienceMillis(), bulkPatienceMillis(), IDLE_MILLIS),
                encryption,
                answerers,
                traffic,
                threads.guests(),
                callers);
        Admission admission = new Admission(server, own.name(), introductions);
        members = new MemberCalls(server, this, port, new Answers(server, own, admission, votes, heirs), votes);
        return members;
    }

    /** The connection to a member; empty if this node's configuration has never named it. */
    public Optional<MemberConnection> to(RaftPeerId member) {
        MemberCalls calls = members;
        return calls == null ? Optional.empty() : calls.to(member);
    }

    /** Does what may wait for other nodes, on a thread for that. */
    void later(Runnable task) {
        answerers.execute(task);
    }

    EventLoopGroup loops() {
        return loops;
    }

    /** How long a vote or a heartbeat may wait for its answer: the longest election timeout. */
    long patienceMillis() {
        return 2 * config.timeouts().election().toMillis();
    }

    /** How long entries and parts of snapshots may. */
    long bulkPatienceMillis() {
        return RaftSettings.bulkMillis(config.timeouts().election());
    }

    /** The beginning of a request that this node makes. */
    public RaftRpcRequestProto.Builder head(String to, ByteString group) {
        return RaftRpcRequestProto.newBuilder()
                .setRequestorId(own.name().id().toByteString())
                .setReplyId(ByteString.copyFromUtf8(to))
                .setRaftGroupId(RaftGroupIdProto.newBuilder().setId(group));
    }

    /**
     * Connects to a member; blocks. What is sent at a bad moment TCP repeats after a second only: a connect has the shortest
     * election timeout, and the next may follow at once.
     *
     * @throws IOException if it cannot be reached in time, or its certificate is that of somebody else
     */
    public Line dial(PeerName member) throws IOException {
        Line line = dial(
                member.address(),
                member.toString(),
                config.timeouts().election().toMillis(),
                patienceMillis());
        if (!isOf(line, member)) {
            String name = line.name().map(each -> "that of " + each).orElse("not to be trusted");
            line.close();
            throw new IOException("no connection to " + member + ": the certificate of the node there is " + name);
        }
        return line;
    }

    /** Whether the certificate at the other end of a connection is the member's, and holds; cheap. */
    boolean isOf(Line line, PeerName member) {
        return !isEncrypted() || line.name().equals(Optional.of(member.nodeId()));
    }

    /** Connects to whoever is at an address; blocks for the given time, and as long again as both need to greet. */
    public Line dial(Address address, long connectMillis) throws IOException {
        return dial(address, address.toString(), connectMillis, connectMillis);
    }

    private Line dial(Address address, String name, long connectMillis, long greetMillis) throws IOException {
        InetSocketAddress to = new InetSocketAddress(address.host(), address.port());
        if (to.isUnresolved()) {
            throw new UnknownHostException(
                    "no connection to " + name + ": the host " + address.host() + " is not known");
        }
        Frames frames = new Frames(ANSWER_BYTES, room, traffic);
        Line line = new Line(name, frames, encryption);
        ChannelFuture connect = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) connectMillis)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        encryption.ifPresent(
                                each -> channel.pipeline().addLast(each.handler(channel.alloc(), true, greetMillis)));
                        channel.pipeline().addLast(new Greeting(encryption.isPresent()), frames, line.listener());
                    }
                })
                .connect(to);
        try {
            line.await(connected(connect, name, connectMillis), greetMillis);
            return line;
        } catch (IOException | RuntimeException e) {
            connect.channel().close();
            throw e;
        }
    }

    private static Channel connected(ChannelFuture connect, String name, long connectMillis) throws IOException {
        try {
            if (!connect.await(2 * connectMillis)) {
                connect.cancel(true);
                throw new TimeoutIOException("no connection to " + name + " within " + connectMillis + " ms");
            }
        } catch (InterruptedException e) {
            connect.cancel(true);
            throw Line.interrupted(e);
        }
        if (connect.cause() instanceof ConnectTimeoutException) {
            throw new TimeoutIOException(
                    "no connection to " + name + " within " + connectMillis + " ms", connect.cause());
        }
        if (connect.cause() != null) {
            throw new IOException(
                    "no connection to " + name + ": " + connect.cause().getMessage(), connect.cause());
        }
        return connect.channel();
    }

    /** To be called when Ratis' server is closed. */
    @Override
    public void close() {
        answerers.shutdown();
        handshakers.shutdown();
        if (loops != null) {
            loops.shutdownGracefully(0, CLOSE_MILLIS, TimeUnit.MILLISECONDS)
                    .awaitUninterruptibly(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        }
        encryption.ifPresent(Encryption::close);
    }
}

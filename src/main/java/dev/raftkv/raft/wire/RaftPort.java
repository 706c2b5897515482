package dev.raftkv.raft.wire;

import dev.raftkv.raft.wire.Traffic.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.thirdparty.io.netty.bootstrap.ServerBootstrap;
import org.apache.ratis.thirdparty.io.netty.channel.Channel;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelInitializer;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelOption;
import org.apache.ratis.thirdparty.io.netty.channel.EventLoopGroup;
import org.apache.ratis.thirdparty.io.netty.channel.group.ChannelGroup;
import org.apache.ratis.thirdparty.io.netty.channel.group.DefaultChannelGroup;
import org.apache.ratis.thirdparty.io.netty.channel.socket.SocketChannel;
import org.apache.ratis.thirdparty.io.netty.channel.socket.nio.NioServerSocketChannel;
import org.apache.ratis.thirdparty.io.netty.util.concurrent.ImmediateEventExecutor;

/** Listens for other nodes, and takes so many of their connections and no more. */
final class RaftPort {
    static final int MOST_CONNECTIONS = 64;
    /** All nodes of a cluster may be on one machine. */
    static final int MOST_OF_ONE_ADDRESS = 32;

    private static final int CLOSE_MILLIS = 1000;

    private final InetSocketAddress address;
    private final int frameBytes;
    private final Frames.Room room;
    private final Guest.Patience patience;
    private final Optional<Encryption> encryption;
    private final Executor answerers;
    private final Traffic traffic;
    private final ChannelGroup guests = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE);
    private final Map<InetAddress, Integer> counts = new HashMap<>();
    private Channel listening;

    /**
     * @param frameBytes the longest message
     * @param answerers answer requests; one of each connection at a time
     */
    RaftPort(
            InetSocketAddress address,
            int frameBytes,
            Guest.Patience patience,
            Optional<Encryption> encryption,
            Executor answerers,
            Traffic traffic) {
        this.address = address;
        this.frameBytes = frameBytes;
        this.room = new Frames.Room(Math.max(32L << 20, 4L * frameBytes));
        this.patience = patience;
        this.encryption = encryption;
        this.answerers = answerers;
        this.traffic = traffic;
    }

    void open(EventLoopGroup loops, Answers answers) throws IOException {
        try {
            listening = new ServerBootstrap()
                    .group(loops)
                    .channel(NioServerSocketChannel.class)
                    .option(ChannelOption.SO_REUSEADDR, true)
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childHandler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            take(channel, answers);
                        }
                    })
                    .bind(address)
                    .syncUninterruptibly()
                    .channel();
        } catch (Exception e) {
            // Netty throws what it likes, checked or not.
            throw new IOException("the Raft port " + address + " cannot be opened", e);
        }
    }

    private void take(SocketChannel channel, Answers answers) {
        InetAddress from = channel.remoteAddress().getAddress();
        if (!count(from)) {
            traffic.refused(
                    Reason.CONNECTIONS,
                    from + ": a node has no more than " + MOST_CONNECTIONS + " connections from others, and "
                            + MOST_OF_ONE_ADDRESS + " from one address");
            channel.close();
            return;
        }
        channel.closeFuture().addListener(closed -> uncount(from));
        Frames frames = new Frames(frameBytes, room, traffic);
        encryption.ifPresent(each -> channel.pipeline().addLast(each.handler(false, patience.begin())));
        channel.pipeline()
                .addLast(
                        new Greeting(encryption.isPresent()),
                        frames,
                        new Guest(frames, answers, encryption, patience, answerers, traffic));
        guests.add(channel);
    }

    private synchronized boolean count(InetAddress from) {
        int all = counts.values().stream().mapToInt(Integer::intValue).sum();
        int ofIt = counts.getOrDefault(from, 0);
        if (all >= MOST_CONNECTIONS || ofIt >= MOST_OF_ONE_ADDRESS) {
            return false;
        }
        counts.put(from, ofIt + 1);
        return true;
    }

    private synchronized void uncount(InetAddress from) {
        counts.computeIfPresent(from, (address, count) -> count == 1 ? null : count - 1);
    }

    InetSocketAddress address() {
        return listening == null ? address : (InetSocketAddress) listening.localAddress();
    }

    /** Blocks for two seconds at most. */
    void close() {
        if (listening != null) {
            listening.close().awaitUninterruptibly(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        }
        guests.close().awaitUninterruptibly(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    }
}

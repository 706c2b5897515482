package dev.raftkv.raft.wire;

import dev.raftkv.raft.look.Callers;
import dev.raftkv.raft.wire.Traffic.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.apache.ratis.thirdparty.io.netty.bootstrap.ServerBootstrap;
import org.apache.ratis.thirdparty.io.netty.channel.Channel;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelInitializer;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelOption;
import org.apache.ratis.thirdparty.io.netty.channel.DefaultSelectStrategyFactory;
import org.apache.ratis.thirdparty.io.netty.channel.EventLoopGroup;
import org.apache.ratis.thirdparty.io.netty.channel.group.ChannelGroup;
import org.apache.ratis.thirdparty.io.netty.channel.group.DefaultChannelGroup;
import org.apache.ratis.thirdparty.io.netty.channel.nio.NioEventLoopGroup;
import org.apache.ratis.thirdparty.io.netty.channel.socket.SocketChannel;
import org.apache.ratis.thirdparty.io.netty.channel.socket.nio.NioChannelOption;
import org.apache.ratis.thirdparty.io.netty.channel.socket.nio.NioServerSocketChannel;
import org.apache.ratis.thirdparty.io.netty.util.concurrent.EventExecutor;
import org.apache.ratis.thirdparty.io.netty.util.concurrent.EventExecutorChooserFactory;
import org.apache.ratis.thirdparty.io.netty.util.concurrent.ImmediateEventExecutor;
import org.apache.ratis.thirdparty.io.netty.util.concurrent.ThreadPerTaskExecutor;

/** Listens for other nodes, and takes so many of their connections and no more. */
final class RaftPort {
    /** Of those that have greeted, and as many that have not yet. */
    static final int MOST_CONNECTIONS = 64;
    /** All nodes of a cluster may be on one machine. */
    static final int MOST_OF_ONE_ADDRESS = 32;

    /** When its other end is gone without a word, a connection is closed after the sum of these: members may say nothing for long. */
    private static final int LOST_SECONDS = 60;

    private static final int PROBE_SECONDS = 10;
    private static final int PROBES = 3;

    private static final int CLOSE_MILLIS = 1000;

    /** Enough for one to each other member. */
    static final int LOOPS = 8;

    /**
     * Gives each connection the loop that has the fewest. So members do not share one, unless there are many or strangers come,
     * and one that waits for Ratis holds up no other.
     */
    static final class Fewest implements EventExecutorChooserFactory {
        private final Map<EventExecutor, Integer> taken = new LinkedHashMap<>();

        @Override
        public EventExecutorChooser newChooser(EventExecutor[] all) {
            synchronized (this) {
                for (EventExecutor each : all) {
                    taken.put(each, 0);
                }
            }
            return this::take;
        }

        private synchronized EventExecutor take() {
            EventExecutor fewest = Collections.min(taken.entrySet(), Map.Entry.comparingByValue())
                    .getKey();
            taken.merge(fewest, 1, Integer::sum);
            return fewest;
        }

        synchronized void giveBack(EventExecutor loop) {
            taken.merge(loop, -1, Integer::sum);
        }
    }

    /** Who is connected. Whoever says nothing never keeps out those who do. */
    static final class Places {
        /** The oldest first. */
        private final Map<Channel, InetAddress> silent = new LinkedHashMap<>();

        private final Map<Channel, InetAddress> greeted = new LinkedHashMap<>();

        /** Takes one more, and tells whose place it has: the oldest's of its address, or of all, that has not greeted. */
        synchronized Optional<Channel> come(Channel channel, InetAddress from) {
            Optional<Channel> goes = Optional.empty();
            if (count(silent.values(), from) >= MOST_OF_ONE_ADDRESS) {
                goes = silent.entrySet().stream()
                        .filter(each -> each.getValue().equals(from))
                        .map(Map.Entry::getKey)
                        .findFirst();
            } else if (silent.size() >= MOST_CONNECTIONS) {
                goes = silent.keySet().stream().findFirst();
            }
            goes.ifPresent(silent::remove);
            silent.put(channel, from);
            return goes;
        }

        /** One has greeted; false if there is no place for it. */
        synchronized boolean greet(Channel channel) {
            InetAddress from = silent.remove(channel);
            if (from == null
                    || greeted.size() >= MOST_CONNECTIONS
                    || count(greeted.values(), from) >= MOST_OF_ONE_ADDRESS) {
                return false;
            }
            greeted.put(channel, from);
            return true;
        }

        synchronized void leave(Channel channel) {
            silent.remove(channel);
            greeted.remove(channel);
        }

        private static long count(Collection<InetAddress> all, InetAddress from) {
            return all.stream().filter(from::equals).count();
        }
    }

    private final InetSocketAddress address;
    private final int frameBytes;
    private final Frames.Room room;
    private final Guest.Patience patience;
    private final Optional<Encryption> encryption;
    private final Executor answerers;
    private final Traffic traffic;
    private final ThreadFactory guestThreads;
    private final Callers callers;
    private final Fewest fewest = new Fewest();
    private final ChannelGroup guests = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE, true);
    private final Places places = new Places();
    private EventLoopGroup guestLoops;
    private Channel listening;

    /**
     * @param frameBytes the longest message
     * @param answerers answer requests that may take long; one of each connection at a time
     * @param guestThreads makes threads that read, and wait for Ratis to take entries
     * @param callers is told of connections that bring entries, and of their ends
     */
    RaftPort(
            InetSocketAddress address,
            int frameBytes,
            Guest.Patience patience,
            Optional<Encryption> encryption,
            Executor answerers,
            Traffic traffic,
            ThreadFactory guestThreads,
            Callers callers) {
        this.address = address;
        this.frameBytes = frameBytes;
        this.room = new Frames.Room(Math.max(32L << 20, 4L * frameBytes));
        this.patience = patience;
        this.encryption = encryption;
        this.answerers = answerers;
        this.traffic = traffic;
        this.guestThreads = guestThreads;
        this.callers = callers;
    }

    /** @param loops accept connections */
    void open(EventLoopGroup loops, Answers answers) throws IOException {
        guestLoops = new NioEventLoopGroup(
                LOOPS,
                new ThreadPerTaskExecutor(guestThreads),
                fewest,
                SelectorProvider.provider(),
                DefaultSelectStrategyFactory.INSTANCE);
        try {
            listening = new ServerBootstrap()
                    .group(loops, guestLoops)
                    .channel(NioServerSocketChannel.class)
                    .option(ChannelOption.SO_REUSEADDR, true)
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childOption(ChannelOption.SO_KEEPALIVE, true)
                    .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), LOST_SECONDS)
                    .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), PROBE_SECONDS)
                    .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), PROBES)
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
        channel.closeFuture().addListener(closed -> {
            places.leave(channel);
            fewest.giveBack(channel.eventLoop());
        });
        places.come(channel, from).ifPresent(oldest -> {
            traffic.refused(
                    Reason.CONNECTIONS,
                    oldest.remoteAddress() + ": it has not greeted, and another one comes; a node has no more than "
                            + MOST_CONNECTIONS + " connections like that, and " + MOST_OF_ONE_ADDRESS
                            + " from one address");
            oldest.close();
        });
        Frames frames = new Frames(frameBytes, room, traffic);
        encryption.ifPresent(
                each -> channel.pipeline().addLast(each.handler(channel.alloc(), false, patience.begin())));
        channel.pipeline()
                .addLast(
                        new Greeting(encryption.isPresent()),
                        frames,
                        new Guest(frames, answers, encryption, patience, answerers, traffic, places, callers));
        guests.add(channel);
    }

    InetSocketAddress address() {
        return listening == null ? address : (InetSocketAddress) listening.localAddress();
    }

    /** Blocks for three seconds at most. */
    void close() {
        if (listening != null) {
            listening.close().awaitUninterruptibly(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        }
        guests.close().awaitUninterruptibly(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        if (guestLoops != null) {
            guestLoops
                    .shutdownGracefully(0, CLOSE_MILLIS, TimeUnit.MILLISECONDS)
                    .awaitUninterruptibly(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}

package dev.raftkv.rest;

import dev.raftkv.model.Member;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells clients of a node without a leader why there may be none: how many voters it can connect to at their Raft ports, which
 * is what an election needs, and how many that takes. Looks when it is asked, once a second at most, on a thread that ends
 * when nobody asks.
 */
final class Reach implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reach.class);
    private static final Duration PATIENCE = Duration.ofMillis(300);
    private static final Duration FRESH = Duration.ofSeconds(1);

    private final ThreadPoolExecutor thread;
    private CompletableFuture<String> latest;
    private long lookedAt;

    Reach(String nodeId) {
        thread = new ThreadPoolExecutor(1, 1, 5, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1), task -> {
            Thread named = new Thread(task, "raftkv-" + nodeId + "-reach");
            named.setDaemon(true);
            return named;
        });
        thread.allowCoreThreadTimeOut(true);
    }

    /** Half a sentence, soon; empty if nothing can be said. Never fails. */
    synchronized CompletableFuture<String> told(String self, List<Member> members) {
        if (latest == null || System.nanoTime() - lookedAt > FRESH.toNanos()) {
            lookedAt = System.nanoTime();
            latest = look(self, members);
        }
        return latest;
    }

    private CompletableFuture<String> look(String self, List<Member> members) {
        List<Member> voters = members.stream().filter(Member::voter).toList();
        if (voters.isEmpty()) {
            return CompletableFuture.completedFuture("");
        }
        CompletableFuture<String> told = new CompletableFuture<>();
        try {
            thread.execute(() -> {
                long reached = reached(voters, self);
                told.complete(
                        reached < 0
                                ? ""
                                : "this node reaches " + reached + " of " + voters.size()
                                        + " voting members, itself included, and it takes "
                                        + (voters.size() / 2 + 1));
            });
        } catch (RejectedExecutionException e) {
            // The last look is not over, or the node stops.
            told.complete("");
        }
        return told;
    }

    /** Of the voters, itself included; negative if that cannot be found out. */
    private static long reached(List<Member> voters, String self) {
        try (Selector selector = Selector.open()) {
            int under = 0;
            int reached = 0;
            for (Member voter : voters) {
                if (voter.nodeId().equals(self)) {
                    reached++;
                } else if (begin(voter, selector)) {
                    under++;
                }
            }
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            for (long left = PATIENCE.toMillis(); under > 0 && left > 0; left = millisUntil(deadline)) {
                selector.select(left);
                for (SelectionKey key : selector.selectedKeys()) {
                    under--;
                    reached += isConnected(key) ? 1 : 0;
                }
                selector.selectedKeys().clear();
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            return reached;
        } catch (IOException e) {
            LOG.debug("cannot look which members can be reached", e);
            return -1;
        }
    }

    private static long millisUntil(long deadline) {
        return TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    }

    private static boolean begin(Member voter, Selector selector) throws IOException {
        InetSocketAddress address = new InetSocketAddress(
                voter.raftAddress().host(), voter.raftAddress().port());
        if (address.isUnresolved()) {
            return false;
        }
        SocketChannel channel = SocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_CONNECT);
            channel.connect(address);
            return true;
        } catch (IOException e) {
            LOG.debug("{} cannot be reached", voter, e);
            channel.close();
            return false;
        }
    }

    private static boolean isConnected(SelectionKey key) throws IOException {
        try (SocketChannel channel = (SocketChannel) key.channel()) {
            return channel.finishConnect();
        } catch (IOException e) {
            LOG.debug("a member cannot be reached", e);
            return false;
        } finally {
            key.cancel();
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}

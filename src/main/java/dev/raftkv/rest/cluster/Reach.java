package dev.raftkv.rest.cluster;

import dev.raftkv.model.Member;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.peer.Lane;
import dev.raftkv.peer.NodeRequest;
import dev.raftkv.peer.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells clients why nothing works where a majority is not reached: how many voters a node reaches, and how many it takes. A
 * leader knows who has answered it. Another node looks whose Raft port takes a connection, which is what an election needs,
 * and who of them answers HTTP: a process that stands still takes connections, and nothing else. It looks when it is asked,
 * once a second at most, on threads that end when nobody asks.
 */
public final class Reach implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reach.class);
    private static final Duration PATIENCE = Duration.ofMillis(300);
    private static final Duration FRESH = Duration.ofSeconds(1);

    private static final byte[] NO_BODY = {};

    private final ThreadPoolExecutor thread;
    private final Lane asking;
    private final Supplier<Optional<Set<String>>> inTouch;
    private CompletableFuture<Optional<Count>> latest;
    private long lookedAt;

    /** @param reached of the voters, the node itself included */
    private record Count(long reached, int voters) {
        int needed() {
            return voters / 2 + 1;
        }

        String words() {
            return "this node reaches " + reached + " of " + voters + " voting members, itself included, and it takes "
                    + needed();
        }
    }

    /**
     * @param inTouch the members that this node hears of as their leader; empty if it does not lead
     * @param asking of its own: those that pass requests on may all be waiting for a leader that is gone
     */
    public Reach(String nodeId, Supplier<Optional<Set<String>>> inTouch, Lane asking) {
        this.inTouch = inTouch;
        this.asking = asking;
        thread = new ThreadPoolExecutor(1, 1, 5, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1), task -> {
            Thread named = new Thread(task, "raftkv-" + nodeId + "-reach");
            named.setDaemon(true);
            return named;
        });
        thread.allowCoreThreadTimeOut(true);
    }

    /** Half a sentence, soon; empty if nothing can be said. Never fails. */
    public CompletableFuture<String> told(NodeStatus status) {
        return count(status).thenApply(count -> count.map(Count::words).orElse(""));
    }

    /** The same, and empty too if a majority is reached. */
    public CompletableFuture<String> shortfall(NodeStatus status) {
        return count(status)
                .thenApply(count -> count.filter(each -> each.reached < each.needed())
                        .map(Count::words)
                        .orElse(""));
    }

    private CompletableFuture<Optional<Count>> count(NodeStatus status) {
        List<Member> voters = status.members().stream().filter(Member::voter).toList();
        if (voters.isEmpty()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return status.role() == Role.LEADER
                ? CompletableFuture.completedFuture(inTouch.get()
                        .map(ids -> new Count(heard(ids, voters, status.nodeId()), voters.size())))
                : looked(voters, status.nodeId());
    }

    private static long heard(Set<String> inTouch, List<Member> voters, String self) {
        return voters.stream()
                .map(Member::nodeId)
                .filter(id -> id.equals(self) || inTouch.contains(id))
                .count();
    }

    private synchronized CompletableFuture<Optional<Count>> looked(List<Member> voters, String self) {
        if (latest == null || System.nanoTime() - lookedAt > FRESH.toNanos()) {
            lookedAt = System.nanoTime();
            latest = look(voters, self);
        }
        return latest;
    }

    private CompletableFuture<Optional<Count>> look(List<Member> voters, String self) {
        List<Member> others =
                voters.stream().filter(voter -> !voter.nodeId().equals(self)).toList();
        int itself = voters.size() - others.size();
        try {
            return CompletableFuture.supplyAsync(() -> connected(others), thread)
                    .thenCompose(this::answering)
                    .thenApply(reached -> Optional.of(new Count(itself + reached, voters.size())))
                    .exceptionally(failure -> {
                        LOG.debug("cannot look which members can be reached", failure);
                        return Optional.empty();
                    });
        } catch (RejectedExecutionException e) {
            // The last look is not over, or the node stops.
            return CompletableFuture.completedFuture(Optional.empty());
        }
    }

    /** How many of them answer HTTP, or are not known to do so anywhere. */
    private CompletableFuture<Long> answering(List<Member> connected) {
        List<CompletableFuture<Boolean>> answers = connected.stream()
                .map(member -> member.httpAddress()
                        .map(address -> answers(new Peer(address, member.nodeId())))
                        .orElse(CompletableFuture.completedFuture(true)))
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(
                        all -> answers.stream().filter(CompletableFuture::join).count());
    }

    private CompletableFuture<Boolean> answers(Peer member) {
        return asking.send(new NodeRequest("GET", member, "/health/live", Map.of(), NO_BODY, PATIENCE, PATIENCE))
                .handle((answer, failure) -> {
                    if (answer != null) {
                        answer.close();
                    }
                    return failure == null;
                });
    }

    private static List<Member> connected(List<Member> others) {
        try (Selector selector = Selector.open()) {
            int under = 0;
            List<Member> connected = new ArrayList<>();
            for (Member other : others) {
                if (begin(other, selector)) {
                    under++;
                }
            }
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            for (long left = PATIENCE.toMillis(); under > 0 && left > 0; left = millisUntil(deadline)) {
                selector.select(left);
                for (SelectionKey key : selector.selectedKeys()) {
                    under--;
                    if (isConnected(key)) {
                        connected.add((Member) key.attachment());
                    }
                }
                selector.selectedKeys().clear();
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            return connected;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
            channel.register(selector, SelectionKey.OP_CONNECT, voter);
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

package dev.raftkv.raft.wire;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.model.Address;
import dev.raftkv.raft.look.UnwatchedVotes;
import dev.raftkv.raft.ratis.OwnServer;
import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** One more Raft port of a node that runs, which is as it always is, but for its patience. */
public final class ImpatientPort implements AutoCloseable {
    private static final int THREADS = 2;

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, ImpatientPort::thread);
    private final OwnServer server;
    private final Traffic traffic;
    private final Wire wire;
    private final Optional<Encryption> encryption;
    private final RaftPort port;

    /**
     * @param alone whether TLS may be that of the native library
     * @param messageMillis until a message has come, and half the time that its answer may take
     * @param idleMillis how long who has said nothing of Raft's may say nothing
     */
    public ImpatientPort(
            NodeConfig config, OwnServer own, Optional<Tls> tls, boolean alone, long messageMillis, long idleMillis) {
        server = own;
        traffic = new Traffic(own.name().toString(), System::nanoTime);
        Wire.Threads made = new Wire.Threads(
                ImpatientPort::thread, ImpatientPort::thread, ImpatientPort::thread, ImpatientPort::thread, THREADS);
        wire = new Wire(config, own, UnwatchedVotes.of(own), tls, alone, made);
        encryption = tls.map(each -> new Encryption(own.name().toString(), each, alone, threads));
        port = new RaftPort(
                new InetSocketAddress("127.0.0.1", 0),
                1 << 20,
                new Guest.Patience(10_000, messageMillis, idleMillis),
                encryption,
                threads,
                traffic,
                ImpatientPort::thread,
                wire.callers());
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "impatient-port");
        thread.setDaemon(true);
        return thread;
    }

    public ImpatientPort open() throws IOException {
        wire.open();
        encryption.ifPresent(Encryption::open);
        Admission admission =
                new Admission(server.raft(), server.name(), new Introductions(wire, server.name(), 1000, threads));
        port.open(wire.loops(), new Answers(server.raft(), server, admission, UnwatchedVotes.of(server), wire.heirs()));
        return this;
    }

    public Address address() {
        return new Address("127.0.0.1", port.address().getPort());
    }

    public Traffic traffic() {
        return traffic;
    }

    @Override
    public void close() {
        port.close();
        wire.close();
        encryption.ifPresent(Encryption::close);
        threads.shutdown();
    }
}

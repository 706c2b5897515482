package dev.raftkv.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With a server that is real and simple. */
@Timeout(30)
class ClosedLoopTest {
    private static final int EVERY = 10;

    private final Wire wire = new RaftkvWire(new Dataset(10), List.of());
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();
    private final Queue<String> paths = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    /** Each tenth request is refused. */
    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            paths.add(exchange.getRequestURI().getPath());
            byte[] body = "0123456789".getBytes(US_ASCII);
            int status = asked.incrementAndGet() % EVERY == 0 ? 503 : 200;
            atOnce.decrementAndGet();
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdown();
    }

    private static final class Counted implements ClosedLoop.Marks {
        private final StringBuilder order = new StringBuilder();

        @Override
        public void begin() {
            order.append("begin ");
        }

        @Override
        public void end() {
            order.append("end");
        }
    }

    @Test
    void eachKeyIsAskedForOnceAndWhatIsRefusedIsNotGood() throws IOException {
        Counted marks = new Counted();
        Load load = new Load(Operation.READ, 7, 0, 20);
        Slice slice = ClosedLoop.run(wire, server.getAddress(), load, KeyChoice.each(100, 400), marks);
        assertEquals(300, asked.get());
        assertEquals(300, paths.stream().distinct().count());
        assertEquals(270, slice.good());
        assertEquals(30, slice.bad());
        assertTrue(slice.complaint().startsWith("HTTP/1.1 503"), slice.complaint());
        assertEquals(270, slice.latencies().getTotalCount());
        assertTrue(slice.seconds() < 20);
        assertEquals("begin end", marks.order.toString());
        assertTrue(mostAtOnce.get() <= 7, () -> mostAtOnce + " at once");
    }

    @Test
    void whatIsAnsweredBeforeItsTimeIsNotCounted() throws IOException {
        Counted marks = new Counted();
        Load load = new Load(Operation.READ, 2, 600, 1);
        Slice slice = ClosedLoop.run(wire, server.getAddress(), load, KeyChoice.each(0, 50), marks);
        assertEquals(50, asked.get());
        assertEquals(0, slice.good() + slice.bad());
        assertEquals(0, slice.latencies().getTotalCount());
        assertEquals("", marks.order.toString());
    }

    @Test
    void itEndsWithItsTimeAndDoesNotCountWhatIsUnderWayThen() throws IOException {
        Counted marks = new Counted();
        Load load = new Load(Operation.READ, 2, 0, 0.2);
        Slice slice = ClosedLoop.run(wire, server.getAddress(), load, KeyChoice.anyOf(5), marks);
        long notCounted = asked.get() - slice.good() - slice.bad();
        assertTrue(notCounted >= 0 && notCounted <= 2, () -> notCounted + " not counted");
        assertEquals("begin end", marks.order.toString());
    }

    @Test
    void aPacedLoopAsksWhenItIsTimeAndForAllKeysInTurn() throws IOException {
        Counted marks = new Counted();
        Load load = new Load(Operation.READ, 12, 0, 1);
        Slice slice = PacedLoop.run(wire, server.getAddress(), load, KeyChoice.round(4), 100, marks);
        assertTrue(asked.get() >= 90 && asked.get() <= 102, () -> asked + " in a second");
        assertTrue(slice.good() >= 80 && slice.bad() >= 8, slice::toString);
        assertEquals(4, paths.stream().distinct().count());
        assertEquals("begin end", marks.order.toString());
    }

    @Test
    void aBrokenConnectionMakesNoFigure() throws IOException {
        try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> closing = CompletableFuture.runAsync(
                    () -> {
                        try {
                            deaf.accept().close();
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    threads);
            InetSocketAddress address = (InetSocketAddress) deaf.getLocalSocketAddress();
            Load load = new Load(Operation.READ, 1, 0, 5);
            assertThrows(
                    IOException.class, () -> ClosedLoop.run(wire, address, load, KeyChoice.anyOf(5), new Counted()));
            closing.join();
        }
    }

    @Test
    void aProbeIsRefusedByANodeThatIsDownAndComesBackWithIt() throws IOException {
        InetSocketAddress address = server.getAddress();
        try (Probe probe = Probe.of(wire, address, 2000)) {
            assertTrue(probe.ask(Operation.READ, 1));
            server.stop(0);
            assertFalse(probe.ask(Operation.READ, 1));
            server = HttpServer.create(address, 0);
            server.createContext("/", exchange -> {
                exchange.sendResponseHeaders(200, 10);
                exchange.getResponseBody().write(new byte[10]);
                exchange.close();
            });
            server.start();
            assertTrue(probe.ask(Operation.READ, 1));
        }
    }
}

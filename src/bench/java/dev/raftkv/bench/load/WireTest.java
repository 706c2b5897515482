package dev.raftkv.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireTest {
    private static final Dataset DATASET = new Dataset(20);
    private static final String OK =
            "HTTP/1.1 200 OK\r\nDate: x\r\ncontent-Length: 24\r\n\r\n{\"value\":\"0123456789\"}..";
    private static final String SHORT = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    private static final String MISSING = "HTTP/1.1 404 Not Found\r\nContent-Length: 24\r\n\r\n" + "x".repeat(24);

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    }

    private static Wire.Reply read(Wire wire, ByteBuffer in) {
        return wire.take(in, Operation.READ, true);
    }

    @Test
    void repliesOfHttpAreTakenWholeAndOneByOne() {
        Wire wire = new RaftkvWire(DATASET, List.of());
        for (int part = 0; part < OK.length(); part++) {
            ByteBuffer in = bytes(OK.substring(0, part));
            assertEquals(Wire.Reply.UNFINISHED, read(wire, in), "the first " + part + " bytes");
            assertEquals(0, in.position());
        }
        ByteBuffer in = bytes(OK + MISSING + SHORT);
        assertEquals(Wire.Reply.GOOD, read(wire, in));
        assertEquals(Wire.Reply.BAD, read(wire, in));
        assertEquals(Wire.Reply.BAD, read(wire, in), "a read without a value");
        assertEquals(0, in.remaining());
        assertEquals(Wire.Reply.GOOD, wire.take(bytes(SHORT), Operation.WRITE, true));
    }

    /** As etcd answers when it renews a lease, whether there is one or not. */
    private static String chunked(String body) {
        return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(body.length()) + "\r\n"
                + body + "\r\n0\r\n\r\n";
    }

    @Test
    void repliesInChunksAreTakenWholeAndARenewalSaysHowLongTheLeaseLives() {
        Wire wire = new EtcdWire(DATASET);
        String lives = chunked("{\"result\":{\"ID\":\"10\",\"TTL\":\"15\"}}\n");
        for (int part = 0; part < lives.length(); part++) {
            ByteBuffer in = bytes(lives.substring(0, part));
            assertEquals(Wire.Reply.UNFINISHED, wire.take(in, Operation.RENEW, true), "the first " + part + " bytes");
            assertEquals(0, in.position());
        }
        ByteBuffer in = bytes(lives + chunked("{\"result\":{\"ID\":\"10\"}}\n"));
        assertEquals(Wire.Reply.GOOD, wire.take(in, Operation.RENEW, true));
        assertEquals(Wire.Reply.BAD, wire.take(in, Operation.RENEW, true), "a lease that has ended");
        assertEquals(0, in.remaining());
        Wire raftkv = new RaftkvWire(DATASET, List.of("one", "two"));
        assertTrue(new String(raftkv.request(Operation.RENEW, 1, 3), ISO_8859_1)
                .startsWith("PUT /session/two HTTP/1.1\r\n"));
        assertEquals(Wire.Reply.BAD, raftkv.take(bytes(MISSING), Operation.RENEW, true));
    }

    @Test
    void requestsOfHttpSayHowLongTheyAre() {
        for (Wire wire :
                new Wire[] {new RaftkvWire(DATASET, List.of()), new ConsulWire(DATASET), new EtcdWire(DATASET)}) {
            String[] parts = new String(wire.request(Operation.WRITE, 12, 3), ISO_8859_1).split("\r\n\r\n");
            assertTrue(parts[0].endsWith("\r\nContent-Length: " + parts[1].length()), parts[0]);
        }
        assertTrue(new String(new RaftkvWire(DATASET, List.of()).request(Operation.READ, 12, 3), ISO_8859_1)
                .startsWith("GET /store/k00000012 HTTP/1.1\r\n"));
        assertTrue(new String(new ConsulWire(DATASET).request(Operation.LINEARIZABLE_READ, 12, 3), ISO_8859_1)
                .startsWith("GET /v1/kv/k00000012?consistent HTTP/1.1\r\n"));
    }

    /** As ZooKeeper answers: length, request, transaction, error, and what was asked for. */
    private static ByteBuffer frame(int error, int bytes) {
        return ByteBuffer.allocate(4 + 16 + bytes)
                .putInt(16 + bytes)
                .putInt(1)
                .putLong(2)
                .putInt(error)
                .position(4 + 16 + bytes)
                .flip();
    }

    @Test
    void repliesOfZooKeeperAreTakenWholeAndTheValueIsInTheLast() {
        Wire wire = new ZooKeeperWire(DATASET);
        ByteBuffer cut = frame(0, 24).limit(43);
        assertEquals(Wire.Reply.UNFINISHED, read(wire, cut));
        assertEquals(0, cut.position());
        assertEquals(Wire.Reply.GOOD, read(wire, frame(0, 24)));
        assertEquals(Wire.Reply.BAD, read(wire, frame(-101, 24)));
        assertEquals(Wire.Reply.BAD, read(wire, frame(0, 3)), "a read without a value");
        assertEquals(Wire.Reply.GOOD, wire.take(frame(0, 3), Operation.LINEARIZABLE_READ, false));
        assertEquals(2, wire.replies(Operation.LINEARIZABLE_READ));
    }

    @Test
    void framesOfZooKeeperBeginWithTheirLength() {
        Wire wire = new ZooKeeperWire(DATASET);
        ByteBuffer both = ByteBuffer.wrap(wire.request(Operation.LINEARIZABLE_READ, 1, 9));
        for (int frame = 0; frame < 2; frame++) {
            int length = both.getInt();
            assertEquals(9, both.getInt(), "the request's number");
            both.position(both.position() + length - 4);
        }
        assertEquals(0, both.remaining());
    }
}

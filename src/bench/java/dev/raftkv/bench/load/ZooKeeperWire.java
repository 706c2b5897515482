package dev.raftkv.bench.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.proto.ConnectRequest;
import org.apache.zookeeper.proto.CreateRequest;
import org.apache.zookeeper.proto.GetDataRequest;
import org.apache.zookeeper.proto.RequestHeader;
import org.apache.zookeeper.proto.SetDataRequest;
import org.apache.zookeeper.proto.SyncRequest;

/**
 * ZooKeeper: the frames of its protocol, made by the classes of its own client library, a session for each connection. The
 * library's client itself has two threads a session, which on a small machine would be measured instead of the server. A
 * linearizable read is {@code sync} and {@code getData} in one flight, as its documentation advises. That promises less: the
 * leader answers {@code sync} without asking whether it still leads.
 */
public final class ZooKeeperWire implements Wire {
    private static final int SESSION_MILLIS = 30_000;
    private static final int PASSWORD_BYTES = 16;
    private static final int LENGTH_BYTES = 4;

    /** Length, request, transaction. */
    private static final int ERROR_AT = LENGTH_BYTES + 4 + 8;

    /** Length, version. */
    private static final int TIMEOUT_AT = LENGTH_BYTES + 4;

    private final Dataset dataset;

    public ZooKeeperWire(Dataset dataset) {
        this.dataset = dataset;
    }

    @Override
    public byte[] hello() {
        return frame(new ConnectRequest(0, 0, SESSION_MILLIS, 0, new byte[PASSWORD_BYTES], false));
    }

    /** A session that is refused has no time to live. */
    @Override
    public Reply welcome(ByteBuffer in) {
        int begin = in.position();
        if (!skip(in)) {
            return Reply.UNFINISHED;
        }
        return in.getInt(begin + TIMEOUT_AT) > 0 ? Reply.GOOD : Reply.BAD;
    }

    @Override
    public byte[] request(Operation operation, long key, long serial) {
        String path = "/" + dataset.key(key);
        int id = (int) (serial & Integer.MAX_VALUE);
        return switch (operation) {
            case CREATE ->
                frame(
                        new RequestHeader(id, ZooDefs.OpCode.create),
                        new CreateRequest(path, dataset.value(serial), ZooDefs.Ids.OPEN_ACL_UNSAFE, 0));
            case WRITE ->
                frame(
                        new RequestHeader(id, ZooDefs.OpCode.setData),
                        new SetDataRequest(path, dataset.value(serial), -1));
            case READ -> read(id, path);
            case BEGIN, RENEW -> throw new IllegalArgumentException("its sessions are its connections");
            case LINEARIZABLE_READ -> {
                byte[] sync = frame(new RequestHeader(id, ZooDefs.OpCode.sync), new SyncRequest("/"));
                byte[] read = read(id, path);
                yield ByteBuffer.allocate(sync.length + read.length)
                        .put(sync)
                        .put(read)
                        .array();
            }
        };
    }

    private static byte[] read(int id, String path) {
        return frame(new RequestHeader(id, ZooDefs.OpCode.getData), new GetDataRequest(path, false));
    }

    @Override
    public int replies(Operation operation) {
        return operation == Operation.LINEARIZABLE_READ ? 2 : 1;
    }

    @Override
    public Reply take(ByteBuffer in, Operation operation, boolean last) {
        int begin = in.position();
        if (!skip(in)) {
            return Reply.UNFINISHED;
        }
        int shortest = operation.isRead() && last ? ERROR_AT + 4 + dataset.valueBytes() : ERROR_AT + 4;
        return in.position() - begin >= shortest && in.getInt(begin + ERROR_AT) == 0 ? Reply.GOOD : Reply.BAD;
    }

    @Override
    public byte[] farewell() {
        return frame(new RequestHeader(0, ZooDefs.OpCode.closeSession));
    }

    /** Goes behind one frame, if it is whole. */
    private static boolean skip(ByteBuffer in) {
        if (in.remaining() < LENGTH_BYTES) {
            return false;
        }
        int length = in.getInt(in.position());
        if (in.remaining() - LENGTH_BYTES < length) {
            return false;
        }
        in.position(in.position() + LENGTH_BYTES + length);
        return true;
    }

    private static byte[] frame(Record... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        BinaryOutputArchive archive = BinaryOutputArchive.getArchive(bytes);
        try {
            archive.writeInt(0, "length");
            for (Record part : parts) {
                part.serialize(archive, "part");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("in memory this does not fail", e);
        }
        byte[] frame = bytes.toByteArray();
        ByteBuffer.wrap(frame).putInt(0, frame.length - LENGTH_BYTES);
        return frame;
    }
}

package dev.raftkv.testkit;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ports that nobody listens on. They lie below the range that systems give to outgoing connections, because a server of a
 * test stays away from its port for seconds and must get it again.
 */
public final class FreePorts {
    private static final int FIRST = 15_000;
    private static final int LAST = 30_000;

    /** How many JVMs with tests may run side by side on a machine: each has ports of its own. */
    private static final int LANES = 10;

    private static final int LANE = (LAST - FIRST) / LANES;

    /** Locked until this JVM ends. Null before the first port is taken. */
    private static FileLock lane;

    private static int firstOfLane;

    /** Some are listened on only after others have been taken. */
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private FreePorts() {}

    /** As many different ports, none of which this JVM has been given before. */
    public static List<Integer> take(int count) throws IOException {
        List<Integer> ports = new ArrayList<>();
        Random random = new Random();
        int first = lane();
        while (ports.size() < count) {
            int port = random.nextInt(first, first + LANE);
            if (isFree(port) && GIVEN.add(port)) {
                ports.add(port);
            }
        }
        return ports;
    }

    /** The first port of those that no other JVM with tests takes. */
    private static synchronized int lane() throws IOException {
        for (int number = 0; lane == null && number < LANES; number++) {
            Path file = Path.of(
                    System.getProperty("java.io.tmpdir"),
                    "raftkv-test-ports-" + System.getProperty("user.name") + "-" + number);
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lane = channel.tryLock();
            firstOfLane = FIRST + number * LANE;
            if (lane == null) {
                channel.close();
            }
        }
        if (lane == null) {
            throw new IOException(LANES + " JVMs take ports for tests already: end some of them");
        }
        return firstOfLane;
    }

    /** Whether a server could listen on the port now. */
    public static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}

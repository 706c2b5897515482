package dev.raftkv.testkit;

import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * What the Java threads of other JVMs have done so far, in measures that do not depend on how busy the machine is. Linux only,
 * and processes of our own user.
 */
public final class Effort implements AutoCloseable {
    private static final String NAME = "Name:";
    private static final String SWITCHES = "voluntary_ctxt_switches:";

    /** Threads by which a JVM tells of itself, compiles and collects; by the beginnings of their names. */
    private static final List<String> BESIDE =
            List.of("RMI ", "JMX ", "Attach Listener", "C1 Compiler", "C2 Compiler", "Sweeper", "VM ", "GC ");

    private final List<Long> processes;
    private final List<JMXConnector> connections;
    private final List<ThreadMXBean> threads;

    private Effort(List<Long> processes, List<JMXConnector> connections, List<ThreadMXBean> threads) {
        this.processes = processes;
        this.connections = connections;
        this.threads = threads;
    }

    /** Begins to look at these processes. */
    public static Effort of(List<Long> processes) throws IOException {
        List<JMXConnector> connections = new ArrayList<>();
        List<ThreadMXBean> threads = new ArrayList<>();
        for (long process : processes) {
            JMXConnector connection = connect(process);
            connections.add(connection);
            threads.add(ManagementFactory.newPlatformMXBeanProxy(
                    connection.getMBeanServerConnection(), ManagementFactory.THREAD_MXBEAN_NAME, ThreadMXBean.class));
        }
        return new Effort(List.copyOf(processes), connections, threads);
    }

    /** The address is that of a process which the test has started. */
    @SuppressWarnings("BanJNDI")
    private static JMXConnector connect(long process) throws IOException {
        try {
            VirtualMachine machine = VirtualMachine.attach(Long.toString(process));
            try {
                return JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent()));
            } finally {
                machine.detach();
            }
        } catch (AttachNotSupportedException e) {
            throw new IOException(e);
        }
    }

    /**
     * All until now.
     *
     * @param bytes that each thread has allocated, by process and thread
     * @param switches how often each thread has begun to wait, by its file
     * @param nanos when that was
     */
    public record Sum(Map<String, Long> bytes, Map<String, Long> switches, long nanos) {
        /** What was allocated since an earlier look; what threads have that ended meanwhile is not in it. */
        public long bytesSince(Sum earlier) {
            return since(earlier.bytes, bytes);
        }

        /** The same of {@link #switches}. */
        public long switchesSince(Sum earlier) {
            return since(earlier.switches, switches);
        }

        private static long since(Map<String, Long> earlier, Map<String, Long> now) {
            return now.entrySet().stream()
                    .mapToLong(thread -> thread.getValue() - earlier.getOrDefault(thread.getKey(), 0L))
                    .sum();
        }
    }

    /** Looks at each thread that there is. */
    public Sum look() throws IOException {
        Map<String, Long> bytes = new HashMap<>();
        Map<String, Long> switches = new HashMap<>();
        for (int process = 0; process < processes.size(); process++) {
            addBytes(process, bytes);
            addSwitches(processes.get(process), switches);
        }
        return new Sum(bytes, switches, System.nanoTime());
    }

    private void addBytes(int process, Map<String, Long> bytes) {
        long[] ids = threads.get(process).getAllThreadIds();
        long[] allocated = threads.get(process).getThreadAllocatedBytes(ids);
        ThreadInfo[] infos = threads.get(process).getThreadInfo(ids);
        for (int thread = 0; thread < ids.length; thread++) {
            // Both are missing of a thread that has just ended.
            if (infos[thread] != null && allocated[thread] >= 0 && counts(infos[thread].getThreadName())) {
                bytes.put(process + " " + ids[thread], allocated[thread]);
            }
        }
    }

    private static void addSwitches(long process, Map<String, Long> switches) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(process), "task"))) {
            for (Path task : all.toList()) {
                Map<String, String> status = status(task.resolve("status"));
                if (counts(status.getOrDefault(NAME, ""))) {
                    switches.put(task.toString(), Long.parseLong(status.getOrDefault(SWITCHES, "0")));
                }
            }
        }
    }

    private static boolean counts(String thread) {
        return BESIDE.stream().noneMatch(thread::startsWith);
    }

    /** The two lines that count; nothing if the thread has just ended. */
    private static Map<String, String> status(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(NAME) || line.startsWith(SWITCHES))
                    .collect(Collectors.toMap(
                            line -> line.substring(0, line.indexOf(':') + 1),
                            line -> line.substring(line.indexOf(':') + 1).strip()));
        } catch (NoSuchFileException e) {
            return Map.of();
        }
    }

    @Override
    public void close() throws IOException {
        for (JMXConnector connection : connections) {
            connection.close();
        }
    }
}

package dev.raftkv.rest.http;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;

/**
 * How many clients may be waited for at the same time, which is a matter of how many files the process may have open: the store
 * and the log need some at any time, and fail without.
 *
 * @param files empty, as the largest number, where the system does not tell
 */
public record Guests(long files) {
    /** For the store, the log, the other nodes, the JVM and its container. */
    private static final int OTHERS = 256;

    private static final int MOST = 1 << 20;

    /** What this process is allowed. */
    public static Guests ofThisProcess() {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        return new Guests(
                system instanceof com.sun.management.UnixOperatingSystemMXBean unix
                        ? unix.getMaxFileDescriptorCount()
                        : Integer.MAX_VALUE);
    }

    /** Those that read or send slowly; and as many for whom there is nothing now. A third is left to all others. */
    int most() {
        return (int) Math.min(MOST, Math.max(16, (files - OTHERS) / 3));
    }

    @Override
    public String toString() {
        return "the process may have " + files + " files open (ulimit -n): at most " + most()
                + " clients that wait for changes and " + most() + " that are slow are kept";
    }
}

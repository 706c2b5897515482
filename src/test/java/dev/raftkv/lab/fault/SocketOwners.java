package dev.raftkv.lab.fault;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;

/** Which process of this machine is at the other end of a connection; by {@code /proc}, so on Linux only. */
final class SocketOwners {
    private SocketOwners() {}

    /** The one of these processes that has connected; empty if none of them has. */
    static OptionalLong of(Socket accepted, Collection<Long> pids) throws IOException {
        String inode = inode(accepted.getPort(), accepted.getLocalPort());
        for (long pid : pids) {
            if (!inode.isEmpty() && holds(pid, "socket:[" + inode + "]")) {
                return OptionalLong.of(pid);
            }
        }
        return OptionalLong.empty();
    }

    /** A line is: number, local address, remote address, state, queues, timer, retransmits, uid, time-out, inode. */
    private static String inode(int localPort, int remotePort) throws IOException {
        String local = String.format(":%04X", localPort);
        String remote = String.format(":%04X", remotePort);
        for (String table : List.of("/proc/net/tcp6", "/proc/net/tcp")) {
            if (!Files.exists(Path.of(table))) {
                continue;
            }
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] words = line.strip().split("\\s+");
                if (words.length > 9 && words[1].endsWith(local) && words[2].endsWith(remote)) {
                    return words[9];
                }
            }
        }
        return "";
    }

    private static boolean holds(long pid, String link) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (Path descriptor : descriptors) {
                if (isLink(descriptor, link)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            // The process has ended.
            return false;
        }
    }

    private static boolean isLink(Path descriptor, String link) {
        try {
            return Files.readSymbolicLink(descriptor).toString().equals(link);
        } catch (IOException e) {
            // Closed meanwhile.
            return false;
        }
    }
}

package dev.raftkv.access;

import dev.raftkv.model.StartException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret that all nodes of a cluster share, read from a file, and again when that changes. A second line may hold another
 * secret, that is believed and not used: so all nodes can be given a new one, one after the other. Thread-safe.
 */
public final class NodeSecret {
    /** What HMAC-SHA256 makes use of. */
    private static final int LEAST_BYTES = 32;

    private static final int MOST_LINES = 2;
    private static final PrivateFile.Use<List<SecretKeySpec>> USE = new PrivateFile.Use<>(
            "RAFT_NODE_SECRET", "the file with the secret that all nodes share", 4096, NodeSecret::parse);

    private final PrivateFile<List<SecretKeySpec>> file;

    private NodeSecret(PrivateFile<List<SecretKeySpec>> file) {
        this.file = file;
    }

    /**
     * Reads the file.
     *
     * @throws StartException if it is missing, too short, or open to others
     */
    public static NodeSecret open(Path path) {
        return open(path, System::nanoTime);
    }

    /** @param nanoTime says when to look again */
    static NodeSecret open(Path path, LongSupplier nanoTime) {
        return new NodeSecret(new PrivateFile<>(USE, path, nanoTime));
    }

    /** Those that are believed; the first one is to be used. Never empty. */
    List<SecretKeySpec> keys() {
        return file.content();
    }

    private static List<SecretKeySpec> parse(String text) {
        List<String> lines =
                text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
        if (lines.isEmpty() || lines.size() > MOST_LINES) {
            throw new StartException("it has to hold a secret in one line, and perhaps another one in a second");
        }
        return lines.stream().map(NodeSecret::key).toList();
    }

    private static SecretKeySpec key(String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < LEAST_BYTES) {
            throw new StartException("it holds a secret of " + bytes.length + " bytes, and it takes at least "
                    + LEAST_BYTES + ": make one by openssl rand -hex 32");
        }
        return new SecretKeySpec(bytes, Hmac.ALGORITHM);
    }
}

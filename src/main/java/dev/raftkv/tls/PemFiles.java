package dev.raftkv.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/**
 * The texts of the three files. Two of them are equal if nothing has changed, whatever the times of the files say.
 *
 * @param certificate the node's, and those between it and its authority
 * @param authority the certificates of whom the node trusts
 */
record PemFiles(String certificate, String key, String authority) {
    static final String CERTIFICATE = "cert.pem";
    static final String KEY = "key.pem";
    static final String AUTHORITY = "ca.pem";

    /** No file is nearly as long. */
    private static final int MOST_BYTES = 1 << 20;

    /** @throws TlsException if one is not there, or cannot be read */
    static PemFiles read(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new TlsException(directory + " is no directory: make one with " + CERTIFICATE + ", " + KEY + " and "
                    + AUTHORITY + " in it (java -jar raftkv.war certs), and name it in RAFT_TLS");
        }
        return new PemFiles(
                text(directory.resolve(CERTIFICATE)), text(directory.resolve(KEY)), text(directory.resolve(AUTHORITY)));
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new TlsException(
                        file + " is longer than " + MOST_BYTES + " bytes, and so no PEM file of this kind");
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new TlsException(file + " is missing: put it there (java -jar raftkv.war certs makes all three)", e);
        } catch (IOException e) {
            throw new TlsException(
                    file + " cannot be read (" + e + "): let the user " + System.getProperty("user.name") + " read it",
                    e);
        }
    }

    /**
     * What is wrong with who may read the key.
     *
     * @return a warning; empty if nothing is
     * @throws TlsException if others may write it: then they say who this node is
     */
    static Optional<String> guarded(Path directory) {
        Path key = directory.resolve(KEY);
        Set<PosixFilePermission> permissions;
        try {
            permissions = Files.getPosixFilePermissions(key);
        } catch (UnsupportedOperationException | IOException e) {
            // A system without them, or a file that is gone again: whoever reads it says that.
            return Optional.empty();
        }
        if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new TlsException(key + " can be written by others: chmod 600 " + key);
        }
        return permissions.contains(PosixFilePermission.OTHERS_READ)
                ? Optional.of(key + " can be read by everybody on this machine: chmod 600 " + key)
                : Optional.empty();
    }
}

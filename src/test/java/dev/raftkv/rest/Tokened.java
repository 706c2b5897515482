package dev.raftkv.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.raftkv.access.TokenFile;
import dev.raftkv.access.UserRole;
import dev.raftkv.rest.access.FileLogin;
import dev.raftkv.testkit.PrivateFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/** A file with somebody in each role, who is called like it, and whose token is the name backwards. */
final class Tokened {
    private Tokened() {}

    static FileLogin login(Path directory) {
        StringBuilder lines = new StringBuilder("# somebody in each role\n");
        for (UserRole role : UserRole.values()) {
            lines.append(role.text()).append(':').append(role.text()).append(':');
            lines.append(sha256(token(role.text()))).append('\n');
        }
        try {
            Path file = PrivateFiles.write(directory.resolve("tokens"), lines.toString());
            return new FileLogin(TokenFile.open(file), chain -> Optional.empty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String token(String name) {
        return new StringBuilder(name).reverse().toString();
    }

    /** A header line. */
    static String bearer(String name) {
        return "Authorization: Bearer " + token(name) + "\r\n";
    }

    /** A header line. */
    static String basic(String name, String token) {
        return "Authorization: Basic " + Base64.getEncoder().encodeToString((name + ":" + token).getBytes(UTF_8))
                + "\r\n";
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

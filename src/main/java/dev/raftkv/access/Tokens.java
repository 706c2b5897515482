package dev.raftkv.access;

import dev.raftkv.model.StartException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Whom a file of tokens knows: a line {@code name:role[,role]:SHA-256 of the token in hex} for each token, a line {@code
 * name:role[,role]:certificate} for each name of a client certificate. A name may have several lines, so that its token can be
 * changed while both are good. Immutable.
 */
public final class Tokens {
    /** In place of a digest: whoever has a certificate of that name. */
    private static final String CERTIFICATE = "certificate";

    private static final String NAME_RULE =
            "give 1 to 64 letters a-z and A-Z, digits and . _ @ + -, the first a letter or a digit, but not nobody or anybody";

    private static final String ALL_ROLES =
            Arrays.stream(UserRole.values()).map(UserRole::text).collect(Collectors.joining(", "));

    private static final int COLUMNS = 3;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}");
    private static final Pattern DIGEST = Pattern.compile("[0-9A-Fa-f]{64}");
    private static final Set<String> RESERVED = Set.of(Caller.NOBODY.name(), Caller.ANYBODY.name());

    private final Map<Digest, Caller> byDigest = new HashMap<>();
    private final Map<String, Caller> byCertificate = new HashMap<>();

    private Tokens() {}

    /** A SHA-256, found in a map by its first bytes, which tell nothing of the token, and compared in constant time. */
    private record Digest(byte[] bytes) {
        @Override
        public int hashCode() {
            return bytes[0] << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | bytes[3] & 0xff;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Digest digest && MessageDigest.isEqual(bytes, digest.bytes);
        }
    }

    /**
     * Reads the text of a file. Empty lines and what follows a {@code #} at the beginning of a line say nothing.
     *
     * @throws StartException with the number of the first line that is wrong, and what to do; if there is no line, too
     */
    public static Tokens parse(String text) {
        Tokens tokens = new Tokens();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                tokens.add(line, "line " + (i + 1) + ": ");
            }
        }
        if (tokens.byDigest.isEmpty() && tokens.byCertificate.isEmpty()) {
            throw new StartException("it names nobody: make a line with java -jar raftkv.war token NAME ROLE");
        }
        return tokens;
    }

    private void add(String line, String where) {
        List<String> columns =
                Arrays.stream(line.split(":", -1)).map(String::strip).toList();
        if (columns.size() != COLUMNS) {
            // Not repeated: it may have a token where its digest belongs.
            throw new StartException(
                    where + "it has " + columns.size()
                            + " columns: give name:role[,role]:SHA-256 of the token in hex, as java -jar raftkv.war token prints it");
        }
        Caller caller = new Caller(name(columns.get(0), where), roles(columns.get(1), where));
        String shown = columns.get(2);
        boolean second;
        if (shown.equals(CERTIFICATE)) {
            second = byCertificate.put(caller.name(), caller) != null;
        } else if (DIGEST.matcher(shown).matches()) {
            second = byDigest.put(new Digest(HexFormat.of().parseHex(shown)), caller) != null;
        } else {
            throw new StartException(where + "the third column is no SHA-256 in hex (64 digits), nor the word "
                    + CERTIFICATE + ": java -jar raftkv.war token makes a line");
        }
        if (second) {
            throw new StartException(where + "the same token or certificate stands in a line above: give each once");
        }
    }

    private static String name(String name, String where) {
        if (!NAME.matcher(name).matches() || RESERVED.contains(name)) {
            throw new StartException(where + "the name is not good: " + NAME_RULE);
        }
        return name;
    }

    private static Set<UserRole> roles(String column, String where) {
        Set<UserRole> roles = EnumSet.noneOf(UserRole.class);
        for (String name : column.split(",", -1)) {
            // Not repeated: it may be a token, in the wrong column.
            roles.add(UserRole.of(name.strip())
                    .orElseThrow(() -> new StartException(
                            where + "the second column has a word that is no role: give one or more of " + ALL_ROLES)));
        }
        return roles;
    }

    /** Whose token this is. */
    public Optional<Caller> byToken(byte[] token) {
        return Optional.ofNullable(byDigest.get(new Digest(sha256(token))));
    }

    /** Who has a certificate of this name, for which somebody else must have vouched. */
    public Optional<Caller> byCertificate(String name) {
        return Optional.ofNullable(byCertificate.get(name));
    }

    /** Whether a line has this name. */
    public boolean knows(String name) {
        return byCertificate.containsKey(name)
                || byDigest.values().stream().anyMatch(caller -> caller.name().equals(name));
    }

    private static byte[] sha256(byte[] token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

package dev.raftkv.launch;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * {@code java -jar raftkv.war token NAME ROLE[,ROLE]}: makes a token and its line for the file that RAFT_AUTH names. The line goes
 * to the standard output, to be appended to the file, which does not hold the token; that goes to the other one, as its last line.
 */
final class TokenCommand {
    static final String USAGE = "NAME ROLE[,ROLE] >> FILE";

    /** What may be in the second column; the launcher sees no other class of ours. */
    static final List<String> ROLES = List.of("reader", "writer", "admin", "metrics", "node");

    private static final int BYTES = 32;

    private TokenCommand() {}

    /** @param words those behind the command's */
    static void run(List<String> words, PrintStream out, PrintStream error) throws LaunchException {
        if (words.size() != 2) {
            throw wrong("token takes a name and its roles");
        }
        String name = words.get(0);
        String roles = words.get(1);
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}") || name.equals("nobody") || name.equals("anybody")) {
            throw wrong(
                    "the name is not good: give 1 to 64 letters a-z and A-Z, digits and . _ @ + -, the first a letter or a digit,"
                            + " but not nobody or anybody");
        }
        for (String role : roles.split(",", -1)) {
            if (!ROLES.contains(role)) {
                throw wrong("\"" + role + "\" is no role: give one or more of " + String.join(",", ROLES));
            }
        }
        String token = random();
        out.println(name + ":" + roles + ":" + digest(token));
        error.println("The token of " + name + ", which is shown this once:");
        error.println(token);
    }

    private static LaunchException wrong(String problem) {
        return new LaunchException(
                LaunchException.EXIT_WRONG_USE, problem + "\nUsage: java -jar raftkv.war token " + USAGE);
    }

    private static String random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String digest(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

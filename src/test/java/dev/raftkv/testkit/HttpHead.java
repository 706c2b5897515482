package dev.raftkv.testkit;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;

/** The head of a request or of an answer, as it goes over a socket. */
public final class HttpHead {
    private HttpHead() {}

    /** With the empty line at its end; nothing behind that is read. */
    public static String read(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the connection was closed after: " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** The first of that name, in any case. */
    public static Optional<String> header(String head, String name) {
        return head.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst();
    }

    /** How many bytes follow, by what it says; 0 if it says nothing. */
    public static int length(String head) {
        return header(head, "Content-Length").map(Integer::parseInt).orElse(0);
    }
}

package dev.raftkv.peer;

import dev.raftkv.access.Seals;
import dev.raftkv.peer.NoAnswerException.Reason;
import dev.raftkv.tls.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.HttpsURLConnection;

/**
 * One request and its answer, as long as the connection is theirs. One thread at a time asks or reads; any may cut it off.
 *
 * <p>A connection that is cut between its request and its answer may be opened again by the JDK, which then waits for an answer
 * to nothing: so that is given no time, and whoever must see the end of it cuts again. One on which somebody reads a body
 * cannot be closed before that has ended, which takes as long as the other node may be silent at most.
 */
final class Exchange {
    /** How long a piece of a body is; the last one is shorter, perhaps empty. */
    static final int PIECE = 64 * 1024;

    private static final byte[] NOTHING = {};
    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;

    private final NodeRequest request;
    private final HttpURLConnection connection;
    private final Optional<Seals.Made> seal;
    private final Consumer<Exchange> onEnd;
    private InputStream body;
    private long length;
    private long came;
    private Stage stage = Stage.ASKING;
    private boolean cut;

    private enum Stage {
        /** A thread connects, sends, or waits for an answer. */
        ASKING,
        /** A thread reads a piece of the body. */
        READING,
        /** The next piece has not been asked for yet. */
        RESTING,
        /** The connection is closed, or is the JDK's to use again. */
        OVER
    }

    /** @param onEnd called once, when the connection is let go */
    Exchange(NodeRequest request, HttpURLConnection connection, Optional<Seals.Made> seal, Consumer<Exchange> onEnd) {
        this.request = request;
        this.connection = connection;
        this.seal = seal;
        this.onEnd = onEnd;
    }

    /**
     * Sends the request, and waits for its answer.
     *
     * @param readers read the rest of a long body
     */
    NodeAnswer ask(Executor readers) throws NoAnswerException {
        boolean answered = false;
        try {
            connect();
            NodeAnswer answer = answer(readers);
            answered = true;
            return answer;
        } catch (NoAnswerException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // A runtime exception too: what the JDK is working with may have been taken away by a cut.
            throw new NoAnswerException(Reason.UNKNOWN, Tls.explain(e), e);
        } finally {
            endAsking(answered);
        }
    }

    private void connect() throws NoAnswerException {
        try {
            requireUncut();
            connection.connect();
            requireUncut();
        } catch (IOException | IllegalArgumentException e) {
            throw new NoAnswerException(isCut() ? Reason.CLOSED : Reason.UNREACHABLE, Tls.explain(e), e);
        }
    }

    private NodeAnswer answer(Executor readers) throws IOException {
        if (request.hasBody()) {
            try (OutputStream out = connection.getOutputStream()) {
                out.write(request.body());
            }
        }
        int status = connection.getResponseCode();
        if (status < 0) {
            throw new IOException("the answer is no HTTP");
        }
        Map<String, String> headers = headers();
        body = request.isHead() || status == NO_CONTENT || status == NOT_MODIFIED
                ? null
                : status < 400 ? connection.getInputStream() : connection.getErrorStream();
        if (body == null) {
            return new NodeAnswer(status, headers, seal, isEncrypted(), NOTHING, null);
        }
        length = connection.getContentLengthLong();
        if (length < 0 && !headers.containsKey("Transfer-Encoding") && !isLast(headers)) {
            // The JDK takes half a head for a whole one.
            throw new IOException("the answer does not say where it ends");
        }
        byte[] first = read();
        return first.length < PIECE
                ? new NodeAnswer(status, headers, seal, isEncrypted(), first, null)
                : new NodeAnswer(status, headers, seal, isEncrypted(), first, new NodeBody(first, this, readers));
    }

    private boolean isEncrypted() {
        return connection instanceof HttpsURLConnection;
    }

    /** Whether its connection ends with it, and its body too. */
    private static boolean isLast(Map<String, String> headers) {
        return "close".equalsIgnoreCase(headers.get("Connection"));
    }

    /** A field that comes more than once counts as what it said last. */
    private Map<String, String> headers() {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        // The first one is the status line, which has no name.
        for (int i = 1; connection.getHeaderField(i) != null; i++) {
            headers.put(connection.getHeaderFieldKey(i), connection.getHeaderField(i));
        }
        return headers;
    }

    /** The next piece of the body. Blocks. */
    byte[] read() throws IOException {
        beginReading();
        boolean goesOn = false;
        boolean whole = false;
        try {
            byte[] piece = body.readNBytes(PIECE);
            came += piece.length;
            goesOn = piece.length == PIECE;
            if (!goesOn) {
                body.close();
                if (came < length) {
                    throw new IOException("the answer is shorter than it says");
                }
                whole = true;
            }
            return piece;
        } finally {
            endReading(goesOn, whole);
        }
    }

    private synchronized void beginReading() throws IOException {
        requireUncut();
        stage = Stage.READING;
    }

    private synchronized void endReading(boolean goesOn, boolean whole) {
        stage = Stage.RESTING;
        if (cut || !goesOn) {
            letGo(whole);
        }
    }

    private synchronized void endAsking(boolean answered) {
        if (stage == Stage.ASKING || !answered) {
            letGo(answered);
        }
    }

    private synchronized boolean isCut() {
        return cut;
    }

    private synchronized void requireUncut() throws IOException {
        if (cut) {
            throw new IOException("it was cut off");
        }
    }

    /** Ends it soon, from any thread. */
    synchronized void cut() {
        cut = true;
        if (stage == Stage.ASKING) {
            connection.setConnectTimeout(1);
            connection.setReadTimeout(1);
            connection.disconnect();
        } else if (stage == Stage.RESTING) {
            letGo(false);
        }
    }

    /** @param whole whether all of the answer has come, so that the JDK may use the connection again */
    private void letGo(boolean whole) {
        if (stage != Stage.OVER) {
            stage = Stage.OVER;
            if (!whole) {
                connection.disconnect();
            }
            onEnd.accept(this);
        }
    }
}

package dev.raftkv.rest.http;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.rest.request.BodyRules;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the body of one request as it comes. What has come with the request is taken at once; for the rest no thread waits,
 * however slowly it is sent. Thread-safe.
 */
final class Intake implements ReadListener {
    private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
    private static final int STEP = 8 * 1024;

    private final HttpServletRequest request;
    private final long mostDiscarded;
    private final Runnable onChange;
    private final long declared;
    private ServletInputStream in;
    private byte[] buffer = {};
    private int length;
    private int limit;
    private boolean listening;
    private boolean ended;
    private CompletableFuture<byte[]> whole;
    private WritableByteChannel file;
    private long filed;
    private CompletableFuture<byte[]> refused;
    private KvException refusal;
    private Runnable whenDiscarded;
    private long discarded;
    private volatile boolean broken;
    private boolean givenUp;

    /**
     * @param mostDiscarded of what nobody wants, in bytes; a client that sends more is cut off
     * @param onChange told when more or less of the body is held
     */
    Intake(HttpServletRequest request, long mostDiscarded, Runnable onChange) {
        this.request = request;
        this.mostDiscarded = mostDiscarded;
        this.onChange = onChange;
        this.declared = request.getContentLengthLong();
        this.ended = declared == 0 || declared < 0 && request.getHeader("Transfer-Encoding") == null;
    }

    /**
     * The whole body; empty if there is none.
     *
     * @param most the longest that is taken
     * @return ends with a {@link KvException} if the body is too long, of which no more is then kept, or breaks off
     */
    synchronized CompletableFuture<byte[]> whole(int most) {
        if (ended) {
            return CompletableFuture.completedFuture(buffer);
        }
        limit = most;
        if (declared > most) {
            return CompletableFuture.failedFuture(BodyRules.tooLarge(most));
        }
        try {
            in = request.getInputStream();
            takeWhatHasCome();
        } catch (IOException e) {
            return CompletableFuture.failedFuture(BodyRules.brokenOff(e));
        }
        if (ended) {
            return CompletableFuture.completedFuture(buffer);
        }
        whole = new CompletableFuture<>();
        CompletableFuture<byte[]> waitedFor = whole;
        listen();
        return waitedFor;
    }

    /** Most bodies have come whole when their request is looked at, and reading what is there does not wait. */
    private void takeWhatHasCome() throws IOException {
        while (declared > 0 && length < declared && in.available() > 0) {
            take(in.read(room(), length, buffer.length - length));
        }
        ended = declared > 0 && length == declared;
    }

    /**
     * The whole body goes into a file, of whatever length it is.
     *
     * @param target belongs to the caller, who closes it when the future has ended; why it takes nothing it may say by a
     *     {@link KvException}
     * @return ends with no bytes when all is there, or as {@link #whole}; who ends it before wants no more
     */
    synchronized CompletableFuture<byte[]> into(WritableByteChannel target) {
        if (ended) {
            return CompletableFuture.completedFuture(buffer);
        }
        try {
            in = request.getInputStream();
        } catch (IOException e) {
            return CompletableFuture.failedFuture(BodyRules.brokenOff(e));
        }
        file = target;
        CompletableFuture<byte[]> waitedFor = new CompletableFuture<>();
        waitedFor.whenComplete((none, failure) -> leaveFile());
        whole = waitedFor;
        listen();
        return waitedFor;
    }

    private synchronized void leaveFile() {
        if (file != null) {
            givenUp = true;
            forget();
        }
    }

    /** What has come and is to be written. */
    private record Step(WritableByteChannel target, ByteBuffer bytes) {}

    private Step takeToFile() throws IOException {
        byte[] step = new byte[4 * STEP];
        ByteBuffer bytes = ByteBuffer.wrap(step, 0, Math.max(0, in.read(step)));
        filed += bytes.remaining();
        return new Step(file, bytes);
    }

    /** Waits for the disk, so that the caller must not hold the monitor: others want no more than to look. */
    private void write(Step step) {
        try {
            while (step.bytes().hasRemaining()) {
                step.target().write(step.bytes());
            }
        } catch (KvException e) {
            refuse(e);
        } catch (IOException e) {
            refuse(new KvException(
                    Code.NO_SPACE,
                    "the body cannot be written to the disk of this node: nothing was changed; look whether it has room",
                    e));
        }
    }

    private synchronized void refuse(KvException failure) {
        if (whole != null) {
            refused = whole;
            refusal = failure;
        }
        forget();
    }

    /** Without the monitor. The exchange is not over with the answer: the rest of the body has to pass by first. */
    private void tellOfRefusal() {
        CompletableFuture<byte[]> told;
        synchronized (this) {
            told = refused;
            refused = null;
        }
        if (told != null) {
            told.completeExceptionally(refusal);
        }
    }

    private boolean hasAllDeclared() {
        return declared > 0 && (file == null ? length : filed) == declared;
    }

    private byte[] room() {
        if (length == buffer.length) {
            int wanted = length == 0 ? (int) Math.min(STEP, declared > 0 ? declared : STEP) : 2 * length;
            // One byte more than the limit shows that there is more.
            int most = declared > 0 ? (int) declared : limit + 1;
            buffer = Arrays.copyOf(buffer, Math.min(wanted, most));
        }
        return buffer;
    }

    private void take(int count) throws IOException {
        if (count < 0) {
            throw new IOException("the body is shorter than its Content-Length");
        }
        length += count;
    }

    private void listen() {
        listening = true;
        in.setReadListener(this);
    }

    /** Whether all of the body has been taken, or there is none. */
    synchronized boolean hasEnded() {
        return ended;
    }

    /** How much of a body that is not whole is in memory; 0 for none. */
    synchronized int held() {
        return whole == null ? 0 : file == null ? buffer.length : STEP;
    }

    @Override
    public void onDataAvailable() throws IOException {
        requireUnbroken();
        try {
            for (Step next = takeOn(); next != null; next = takeOn()) {
                write(next);
                tellOfRefusal();
            }
        } finally {
            tellOfRefusal();
        }
        onChange.run();
    }

    /** Takes what has come, up to what has to be written; null if no more has come. */
    private synchronized Step takeOn() throws IOException {
        while (in.isReady() && !in.isFinished()) {
            if (whole == null || hasAllDeclared()) {
                // Behind the last byte the container wants to be asked for the end.
                discard();
            } else if (file != null) {
                return takeToFile();
            } else {
                int count = in.read(room(), length, buffer.length - length);
                length += Math.max(0, count);
                if (length > limit) {
                    refuse(BodyRules.tooLarge(limit));
                }
            }
        }
        return null;
    }

    /** @throws IOException if it is too much: thrown to the container, it ends the connection */
    private void discard() throws IOException {
        byte[] nowhere = new byte[STEP];
        discarded += Math.max(0, in.read(nowhere));
        if (discarded > mostDiscarded) {
            throw new IOException("the client goes on to send what nobody takes");
        }
    }

    /** Ends the connection, at the next call of the container, which comes at once if there is nothing to read. */
    void breakOff(Runnable then) {
        synchronized (this) {
            broken = true;
            whenDiscarded = then;
            if (listening) {
                return;
            }
            try {
                in = request.getInputStream();
                listen();
            } catch (IOException | IllegalStateException e) {
                LOG.debug("cannot cut a connection", e);
            }
        }
    }

    private void requireUnbroken() {
        if (broken) {
            throw new IllegalStateException("the answer broke off");
        }
    }

    @Override
    public void onAllDataRead() {
        requireUnbroken();
        CompletableFuture<byte[]> done;
        byte[] body;
        long came;
        Runnable then;
        synchronized (this) {
            ended = true;
            done = whole;
            came = file == null ? length : filed;
            body = buffer.length == length ? buffer : Arrays.copyOf(buffer, length);
            forget();
            then = whenDiscarded;
        }
        onChange.run();
        if (done != null) {
            boolean cutShort = declared > 0 && came < declared;
            if (cutShort) {
                done.completeExceptionally(BodyRules.brokenOff(new IOException("shorter than its Content-Length")));
            } else {
                done.complete(body);
            }
        }
        if (then != null) {
            then.run();
        }
    }

    @Override
    public void onError(Throwable failure) {
        CompletableFuture<byte[]> done;
        Runnable then;
        synchronized (this) {
            ended = true;
            done = whole;
            forget();
            then = whenDiscarded;
        }
        onChange.run();
        if (done != null) {
            done.completeExceptionally(BodyRules.brokenOff(new IOException(failure)));
        }
        if (then != null) {
            then.run();
        }
    }

    private void forget() {
        whole = null;
        file = null;
        buffer = new byte[0];
        length = 0;
    }

    /** Nobody waits for the body any more: what there is of it is let go, and the future ends with this failure. */
    void giveUp(KvException failure) {
        CompletableFuture<byte[]> done;
        synchronized (this) {
            done = whole;
            givenUp |= done != null;
            forget();
        }
        if (done != null) {
            done.completeExceptionally(failure);
        }
    }

    /** Whether somebody waited for the body, and nobody does any more. */
    synchronized boolean isGivenUp() {
        return givenUp;
    }

    /** Whether the rest of the body may pass by before its client is answered: it is known how much, and nobody is to give way. */
    synchronized boolean mayPassFirst() {
        return declared > 0 && declared <= mostDiscarded && !givenUp;
    }

    /**
     * Lets the rest of the body pass by and does something then, soon if all of it was read. Some containers would wait for it
     * on one of their threads otherwise, when the exchange is over.
     */
    void discardRest(Runnable then) {
        synchronized (this) {
            // A client that waits to be told to go on has not sent it; it was told if somebody has begun to listen.
            if (!ended && (listening || request.getHeader("Expect") == null)) {
                whenDiscarded = then;
                if (!listening) {
                    try {
                        in = request.getInputStream();
                        listen();
                    } catch (IOException | IllegalStateException e) {
                        whenDiscarded = null;
                    }
                }
                if (whenDiscarded != null) {
                    return;
                }
            }
        }
        then.run();
    }

    /**
     * Lets pass what has come of a body that nobody waits for, and tells whether there is more of it. Who is answered then is to
     * be told that the connection ends: Tomcat 11 ends it when the rest has passed. The end of a chunked body is not seen without
     * waiting for it, so that there is always more of one.
     */
    synchronized boolean isToCome() {
        if (ended || listening) {
            return givenUp;
        }
        try {
            if (request.getHeader("Expect") != null) {
                return false;
            }
            in = request.getInputStream();
            while (declared <= mostDiscarded && discarded < declared && in.available() > 0) {
                discard();
            }
            ended = declared > 0 && discarded == declared;
        } catch (IOException | IllegalStateException e) {
            LOG.debug("a body is not read", e);
        }
        return !ended;
    }
}

package dev.raftkv.rest.http;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.ops.HttpMeter;
import dev.raftkv.rest.request.Headers;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An answer on its way to its client, from before there is one until all is sent. It is written only when the connection takes
 * more, by whoever finds that: the thread that has the answer, the container, the heartbeat. So whoever answers may be one of
 * the node's own threads. Thread-safe.
 */
final class Reply implements WriteListener, AsyncListener {
    private static final Logger LOG = LoggerFactory.getLogger(Reply.class);
    private static final int SLICE = 32 * 1024;

    /** A container may keep the buffer of each live answer: Jetty's usual 32 KiB would fill its memory at 4,000 watches. */
    private static final int LIVE_BUFFER = 4096;

    /** What a container keeps until the exchange is over. */
    private static final int SHORT = 4096;

    private final long came = System.nanoTime();
    private final Replies replies;
    private final Replies.Manner manner;
    private final HttpServletRequest received;
    private final HttpServletResponse response;
    private final ServletOutputStream out;
    private final Intake intake;
    private final boolean head;
    private HttpMeter.Endpoint meter;
    private AsyncContext context;

    // The state of the answer, under this reply's monitor.
    private boolean writable;
    private Answer answer;
    private Live live;
    private boolean begun;
    private byte[] piece;
    private int sent;
    private int held;
    private boolean flushDue;
    private boolean said;
    private boolean failed;
    private boolean over;
    private boolean blocked;
    private boolean broken;
    private boolean closed;
    private boolean measured;
    private long took;
    private long blockedSince;

    private Reply(Replies replies, HttpServletRequest received, HttpServletResponse response) throws IOException {
        this.replies = replies;
        this.manner = replies.manner(received);
        this.received = received;
        this.response = response;
        this.out = response.getOutputStream();
        this.intake = new Intake(received, manner.mostDiscarded(), this::bodyChanged);
        this.head = received.getMethod().equals("HEAD");
        this.meter = replies.unknown();
    }

    /** On the container's thread. A body that has not come needs an answer that may come later. */
    static Reply begin(Replies replies, HttpServletRequest received, HttpServletResponse response) throws IOException {
        Reply reply = new Reply(replies, received, response);
        if (!reply.intake.hasEnded()) {
            reply.answerLater();
        }
        return reply;
    }

    private void answerLater() {
        context = received.startAsync();
        // The answer has deadlines of its own.
        context.setTimeout(0);
        context.addListener(this);
        out.setWriteListener(this);
    }

    /** On the container's thread, before it is left: has something done by another one of the container's. */
    synchronized void elsewhere(Runnable task) {
        if (context == null) {
            answerLater();
        }
        context.start(task);
    }

    /**
     * On the container's thread: what answers later need not come back to one. A short answer that is there by now is left to
     * the container, if that sends it without waiting for the client, or sent at once, if so few threads do that now that they
     * may wait for their clients.
     */
    synchronized void leaveThread() {
        if (context != null) {
            return;
        }
        if (answer == null || !isShort()) {
            answerLater();
        } else if (sendsByItself()) {
            sayToContainer();
        } else if (!waitsAtEnd() || !replies.tryWait()) {
            answerLater();
        } else {
            try {
                sayAtOnce();
            } finally {
                replies.hasWaited();
            }
        }
    }

    /** By the thread that has come, which waits if the client takes less than it has asked for. */
    private void sayAtOnce() {
        try {
            begin();
            if (hasBody()) {
                out.write(answer.bytes());
            }
            out.close();
        } catch (IOException e) {
            LOG.debug("a client has gone before it was answered", e);
        }
        end();
    }

    private boolean isShort() {
        return answer.isWhole() && answer.bytes().length <= SHORT;
    }

    private boolean sendsByItself() {
        return received.getServletContext().getServerInfo().startsWith("jetty/");
    }

    private void sayToContainer() {
        try {
            measure();
            answer.begin(response);
            if (hasBody()) {
                // Jetty finds its length by itself; told before, it would send now, and wait for the client.
                out.write(answer.bytes());
            } else {
                sayLength();
            }
        } catch (IOException e) {
            LOG.debug("a client has gone before it was answered", e);
        }
        end();
    }

    private void sayLength() {
        if (answer.isWhole() && !answer.has(Headers.CONTENT_LENGTH)) {
            response.setContentLength(answer.bytes().length);
        }
    }

    /** The body of the request, whose end this waits for. */
    Intake intake() {
        return intake;
    }

    /** @param endpoint measures this answer, from now on */
    synchronized void measureBy(HttpMeter.Endpoint endpoint) {
        meter = endpoint;
    }

    synchronized boolean isOver() {
        return over;
    }

    /** What is to be said of a failure. */
    Answer failure(Throwable failure) {
        return manner.failures().apply(failure);
    }

    /** Answers; the first answer counts. */
    void answer(Answer given) {
        Replies.complete(manner, given);
        if (manner.foreign() && intake.mayPassFirst()) {
            // Those clients send all before they read, and Tomcat 11 ends the connection of who is answered while he
            // sends.
            intake.discardRest(() -> give(given));
        } else {
            give(given);
        }
    }

    private void give(Answer given) {
        synchronized (this) {
            if (over || answer != null) {
                given.close();
                return;
            }
            choose(given);
            took = System.nanoTime() - came;
            if (given.pieces() instanceof Live begins) {
                live = begins;
                response.setBufferSize(LIVE_BUFFER);
                replies.alive().waits(this, 0);
                begins.begin(this::wake);
            }
            if (!writable) {
                return;
            }
            if (given.pieces() == null || live != null) {
                pump();
                return;
            }
        }
        // Its pieces come from the disk, and this may be one of the node's own threads.
        try {
            context.start(this::wake);
        } catch (RuntimeException e) {
            LOG.debug("the container takes no work any more", e);
            refuse();
        }
    }

    private void choose(Answer given) {
        // Tomcat would send a body of unknown length without chunks then, and half of it would pass for all.
        if (given.hasKnownLength() && intake.isToCome()) {
            given.header(Headers.CONNECTION, "close");
        }
        answer = given;
    }

    /** Nobody makes the pieces of the answer, if nobody has begun to. */
    private synchronized void refuse() {
        if (!begun && !broken && !over) {
            answerInstead(new KvException(Code.UNAVAILABLE, "this node is stopping: ask another node"));
            pump();
        }
    }

    private synchronized void wake() {
        if (writable && answer != null && !over) {
            pump();
        }
    }

    @Override
    public synchronized void onWritePossible() {
        writable = true;
        if (answer != null) {
            pump();
        }
        if (broken) {
            // Thrown to the container, it ends the connection: a part of an answer is not taken for the whole.
            throw new IllegalStateException("an answer broke off");
        }
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}

    @Override
    public void onTimeout(AsyncEvent event) {}

    @Override
    public synchronized void onComplete(AsyncEvent event) {
        end();
    }

    /**
     * If a write fails on a thread that is not the container's, Tomcat tells only this listener, and then uses the exchange again
     * for another client. So it waits here until the thread that writes, which holds the monitor, has left the exchange.
     */
    @Override
    public void onError(AsyncEvent event) {
        onError(event.getThrowable());
    }

    @Override
    public synchronized void onError(Throwable failure) {
        LOG.debug("a client has gone before it was answered", failure);
        end();
    }

    /** Looks after a client that waits, or takes nothing; called regularly. */
    synchronized void heartbeat() {
        if (over || broken || !writable || answer == null) {
            return;
        }
        if (blocked && blockedFor() > 2 * replies.patience().toNanos()) {
            cut();
        } else if (!blocked && live != null) {
            live.heartbeat();
            pump();
        }
    }

    private long blockedFor() {
        return System.nanoTime() - blockedSince;
    }

    private void pump() {
        try {
            while (!over && !broken && out.isReady()) {
                if (flushDue) {
                    flushDue = false;
                    out.flush();
                } else if (said) {
                    leave();
                    return;
                } else if (!say()) {
                    return;
                }
            }
            if (!over && !broken && !blocked) {
                blocked = true;
                blockedSince = System.nanoTime();
                replies.slow().waits(this, held);
            }
        } catch (IOException e) {
            LOG.debug("a client has gone before it was answered", e);
            end();
        } catch (RuntimeException | Error e) {
            LOG.error("an answer broke off, and its connection with it", e);
            breakOff();
        }
    }

    /** Says the next of the answer; false if there is nothing now. */
    private boolean say() throws IOException {
        if (live != null && blocked && blockedFor() > replies.patience().toNanos()) {
            live.tooSlow();
        }
        if (blocked) {
            blocked = false;
            replies.slow().leaves(this);
        }
        if (answer.pieces() == null) {
            sayWhole();
            return true;
        }
        return sayPiece();
    }

    private void sayWhole() throws IOException {
        byte[] bytes = answer.bytes();
        int length = hasBody() ? bytes.length : 0;
        begin();
        if (sent < length) {
            saySlice(bytes);
        }
        if (sent == length) {
            said = true;
            flushDue = true;
        }
    }

    /** A container keeps what it is given until it is taken, and for a while when it is not: never more than a slice. */
    private void saySlice(byte[] bytes) throws IOException {
        int slice = Math.min(SLICE, bytes.length - sent);
        out.write(slice == bytes.length ? bytes : Arrays.copyOfRange(bytes, sent, sent + slice));
        sent += slice;
        held = bytes.length;
    }

    private boolean sayPiece() throws IOException {
        if (piece == null) {
            byte[] next = hasBody() ? nextPiece() : null;
            if (next != null && next.length == 0 && live != null) {
                return false;
            }
            begin();
            if (next == null) {
                said = true;
                flushDue = true;
                return true;
            }
            piece = next;
            sent = 0;
        }
        saySlice(piece);
        if (sent == piece.length) {
            piece = null;
            said = failed;
            flushDue = live != null || said;
        }
        return true;
    }

    /** A failure before the first piece is the answer. */
    private byte[] nextPiece() {
        try {
            return answer.pieces().next();
        } catch (RuntimeException | Error e) {
            if (begun) {
                throw e;
            }
            answerInstead(e);
            failed = true;
            return answer.bytes();
        }
    }

    /** Before anything was said. */
    private void answerInstead(Throwable failure) {
        close();
        live = null;
        Answer instead = failure(failure);
        Replies.complete(manner, instead);
        choose(instead);
    }

    private boolean hasBody() {
        return !head && answer.status() != HttpServletResponse.SC_NOT_MODIFIED;
    }

    private void begin() {
        if (begun) {
            return;
        }
        begun = true;
        measure();
        answer.begin(response);
        sayLength();
    }

    /** What is said first may be a failure, so that the answer is known only then. */
    private void measure() {
        if (!measured) {
            measured = true;
            meter.record(answer.status(), took);
        }
    }

    /** All is said: the container may have the connection again when there is nothing to read and nothing to write on it. */
    private void leave() {
        close();
        if (intake.isGivenUp()) {
            if (waitsAtEnd()) {
                intake.breakOff(this::end);
            } else {
                end();
            }
            return;
        }
        intake.discardRest(this::end);
    }

    private synchronized void end() {
        if (over) {
            return;
        }
        over = true;
        letGo();
        try {
            if (context != null) {
                context.complete();
            }
        } catch (IllegalStateException e) {
            LOG.debug("the container has ended an exchange already", e);
        }
    }

    private void letGo() {
        replies.slow().leaves(this);
        if (answer != null) {
            measure();
            close();
        }
    }

    private void close() {
        if (!closed) {
            closed = true;
            replies.alive().leaves(this);
            answer.close();
            // The container may keep this for longer, and so would what it has to say.
            answer = Answer.sent(answer.status());
            piece = null;
        }
    }

    private void cut() {
        if (live != null) {
            live.cutOff();
        }
        breakOff();
    }

    /**
     * Ends the connection in the middle of an answer. Jetty does when an exchange is over too soon; Tomcat would wait for the
     * client on one of its threads then. There all that is held is let go, and the exchange is over when the container finds
     * that nothing is taken, or something is.
     */
    private void breakOff() {
        broken = true;
        letGo();
        said = false;
        if (!waitsAtEnd()) {
            abort();
        } else if (!blocked) {
            intake.breakOff(this::end);
        }
    }

    private boolean waitsAtEnd() {
        return received.getServletContext().getServerInfo().startsWith("Apache Tomcat");
    }

    private void abort() {
        try {
            // By which Jetty cuts a connection.
            response.sendError(-1);
        } catch (IOException | IllegalStateException e) {
            LOG.debug("cannot cut a connection", e);
        }
        end();
    }

    /** More or less of the body is held. One whose client does not take its answer waits for that, whatever comes of a body. */
    synchronized void bodyChanged() {
        if (blocked && !broken && !over) {
            return;
        }
        int waitedFor = broken || over ? 0 : intake.held();
        if (waitedFor > 0) {
            replies.slow().waits(this, waitedFor);
        } else {
            replies.slow().leaves(this);
        }
    }

    /** Others need what this holds while nothing happens. */
    synchronized void leaveSoon() {
        if (live != null && !over && !broken) {
            live.giveWay();
            if (writable) {
                pump();
            }
        }
    }

    /** Others need what this holds while it waits for its client. */
    void giveWay() {
        intake.giveUp(new KvException(
                Code.UNAVAILABLE,
                "the body came too slowly for all that this node has to do: nothing was changed, send it again"));
        synchronized (this) {
            if (blocked && !broken && !over) {
                cut();
            }
        }
    }
}

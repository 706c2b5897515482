package dev.raftkv.rest.http;

import dev.raftkv.access.SealRefusedException;
import dev.raftkv.access.Sealed;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.rest.request.BodyRules;
import dev.raftkv.rest.request.Query;
import dev.raftkv.rest.request.Request;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * One request and its answer. No thread waits for its client: the body is taken as it comes ({@link Intake}), and the answer is
 * sent as it is taken ({@link Reply}). Thread-safe.
 */
public final class Exchange {
    /**
     * The attribute of a request by which the server says that its thread must not wait: others wait for that, with what they
     * have sent.
     */
    public static final String AT_ONCE = "dev.raftkv.atOnce";

    private final Replies replies;
    private final HttpServletRequest received;
    private final Request request;
    private final Sealed sealed;
    private final String sender;
    private final Reply reply;

    private Exchange(Replies replies, HttpServletRequest received, Reply reply) {
        this.replies = replies;
        this.received = received;
        this.request = Request.of(received, received.getAttribute(AT_ONCE) == null ? null : reply::elsewhere);
        this.sealed = (Sealed) received.getAttribute(Request.SEALED);
        this.sender = sealed == null ? "" : received.getRemoteAddr();
        this.reply = reply;
    }

    static Exchange begin(Replies replies, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        return new Exchange(replies, request, Reply.begin(replies, request, response));
    }

    /** Called once, on the container's thread, when what was asked for has begun. */
    void leaveThread() {
        reply.leaveThread();
    }

    /** The request, without its body. */
    public Request request() {
        return request;
    }

    /** Carries an operation out and answers. Never blocks, never throws. */
    public void run(Hosted hosted) {
        Operation operation = hosted.operation();
        if (operation.method().equals(request.method())) {
            reply.measureBy(hosted.meter());
        }
        try {
            requireRole(operation);
            Query query = operation.foreign() ? request.query() : Query.of(request.rawQuery(), operation.parameters());
            if (operation.maxBody() == 0) {
                run(operation, request.with(query, request.body()));
            } else if (operation.maxBody() == Operation.UPLOAD) {
                requireUnsealed();
                run(operation, request.with(query, request.body()).taking(this::upload));
            } else {
                receive(operation, query);
            }
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    /**
     * The one place where it is decided what a caller may do: here it is known which operation will run, whatever way its
     * request has come.
     */
    private void requireRole(Operation operation) {
        if (!operation.isFor(request.caller())) {
            throw replies.refusals().lacks(request.caller(), operation.role().get(), received.getRemoteAddr());
        }
    }

    /** A seal is for a body that is known before the operation begins. No node sends such a body. */
    private void requireUnsealed() {
        if (sealed != null) {
            throw new KvException(
                    Code.INVALID, "another node has sent this on: what is so long is taken from its client alone");
        }
    }

    private CompletableFuture<byte[]> upload(WritableByteChannel file) {
        CompletableFuture<byte[]> body = reply.intake().into(file);
        reply.bodyChanged();
        return body;
    }

    private void receive(Operation operation, Query query) {
        CompletableFuture<byte[]> body = operation.maxBody() == Operation.REFUSED
                ? BodyRules.none(reply.intake().whole(0))
                : reply.intake().whole(operation.maxBody());
        reply.bodyChanged();
        body.whenComplete((content, failure) -> {
            if (failure != null) {
                fail(failure);
                return;
            }
            try {
                if (content.length > 0 && !operation.foreign()) {
                    BodyRules.check(received);
                }
                run(operation, request.with(query, content));
            } catch (RuntimeException | Error e) {
                fail(e);
            }
        });
    }

    private void run(Operation operation, Request whole) {
        requireSealed(whole.body());
        if (operation.effect() == Operation.Effect.READS && replies.isCrowded()) {
            Request later = whole.onThreadThatMayWait();
            replies.inTurn(() -> carryOutLater(operation, later));
        } else {
            carryOut(operation, whole);
        }
    }

    private void requireSealed(byte[] body) {
        if (sealed != null) {
            try {
                sealed.require(body);
            } catch (SealRefusedException e) {
                throw replies.refusals().noted(e, sender);
            }
        }
    }

    private void carryOutLater(Operation operation, Request whole) {
        if (reply.isOver()) {
            return;
        }
        try {
            carryOut(operation, whole);
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private void carryOut(Operation operation, Request whole) {
        operation.function().apply(whole).whenComplete((made, failure) -> {
            if (failure == null) {
                answer(made);
            } else {
                fail(failure);
            }
        });
    }

    /** Answers with what is to be said of a failure. */
    public void fail(Throwable failure) {
        answer(reply.failure(
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure));
    }

    /** Answers; the first answer counts. */
    public void answer(Answer given) {
        reply.answer(given);
    }
}

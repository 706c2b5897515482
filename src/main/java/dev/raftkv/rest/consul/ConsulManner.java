package dev.raftkv.rest.consul;

import dev.raftkv.access.SealRefusedException;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.rest.consul.text.ConsulFailure;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Replies.Manner;
import dev.raftkv.rest.request.Headers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * How clients of Consul are answered: by a bare text. What does not work now is a 500 to them, as they take no other status for
 * something to try again.
 */
public final class ConsulManner implements Function<Throwable, Answer> {
    private static final String TEXT = "text/plain; charset=utf-8";

    /** A client that sends what is too much sees the answer only if it is let finish. */
    private static final long MOST_DISCARDED = 64L << 20;

    private final Function<Throwable, Answer> others;
    private final Function<Throwable, String> unexpected;

    private ConsulManner(Function<Throwable, Answer> others, Function<Throwable, String> unexpected) {
        this.others = others;
        this.unexpected = unexpected;
    }

    /**
     * @param rules complete every answer
     * @param others what is said to other nodes
     * @param unexpected notes what went wrong inside, and returns a sentence on it
     */
    public static Manner of(
            Consumer<Answer> rules, Function<Throwable, Answer> others, Function<Throwable, String> unexpected) {
        return new Manner(rules, new ConsulManner(others, unexpected), MOST_DISCARDED, true);
    }

    static Answer text(int status, String text) {
        return Answer.of(status, TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Answer apply(Throwable failure) {
        if (failure instanceof CompletionException && failure.getCause() != null) {
            return apply(failure.getCause());
        }
        if (failure instanceof ConsulFailure known) {
            return text(known.status(), known.getMessage());
        }
        if (failure instanceof KvException known) {
            Answer answer = text(status(known), sentence(known));
            // For the node that has passed the request on.
            return known.code() == Code.UNAVAILABLE || known.code() == Code.NOT_LEADER
                    ? answer.header(Headers.RETRY_AFTER, 1)
                    : answer;
        }
        return failure instanceof SealRefusedException ? others.apply(failure) : text(500, unexpected.apply(failure));
    }

    private static int status(KvException failure) {
        return switch (failure.code()) {
            case UNREADABLE, INVALID, UNSUPPORTED_MEDIA_TYPE, TOO_SLOW -> 400;
            // A 401 tells these clients that nobody has to say who they are.
            case UNAUTHENTICATED, WRONG_CREDENTIALS, FORBIDDEN -> 403;
            case NOT_FOUND -> 404;
            case TOO_LARGE -> 413;
            case CONFLICT,
                    GONE,
                    PURGED,
                    FORGOTTEN,
                    PRECONDITION_FAILED,
                    NOT_LEADER,
                    UNAVAILABLE,
                    OUTCOME_UNKNOWN,
                    NO_SPACE -> 500;
        };
    }

    private static String sentence(KvException failure) {
        return switch (failure.code()) {
            case WRONG_CREDENTIALS -> "ACL not found";
            case UNAUTHENTICATED, FORBIDDEN -> "Permission denied";
            case NOT_LEADER -> ConsulRouting.NO_LEADER;
            case OUTCOME_UNKNOWN -> "rpc error making call: " + failure.getMessage();
            default -> failure.getMessage();
        };
    }
}

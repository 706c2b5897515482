package dev.raftkv.rest;

import dev.raftkv.access.SealRefusedException;
import dev.raftkv.access.Seals;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.request.Headers;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where a failure becomes an answer. */
final class ErrorMapper implements Function<Throwable, Answer> {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorMapper.class);

    /** A browser asks for name and token because of the first. */
    private static final List<String> CHALLENGES =
            List.of("Basic realm=\"raftkv\", charset=\"UTF-8\"", "Bearer realm=\"raftkv\"");

    private final Supplier<String> paths;

    /** @param paths the paths that exist, for who asks for another */
    ErrorMapper(Supplier<String> paths) {
        this.paths = paths;
    }

    @Override
    public Answer apply(Throwable failure) {
        if (failure instanceof CompletionException && failure.getCause() != null) {
            return apply(failure.getCause());
        }
        if (failure instanceof KvException known) {
            return known(known);
        }
        if (failure instanceof SealRefusedException refused) {
            return Answers.problem(refused.status(), refused.getMessage()).header(Seals.REFUSED, refused.proof());
        }
        if (failure instanceof WebApplicationException refused) {
            return refused(refused.getResponse());
        }
        return unexpected(failure);
    }

    private static Answer known(KvException failure) {
        Answer answer = Answers.problem(status(failure), failure.getMessage(), facts(failure));
        if (failure.code() == Code.PRECONDITION_FAILED && failure.revision().orElse(0) > 0) {
            answer.header(Headers.ETAG, Headers.tag(failure.revision().getAsLong()));
        }
        if (failure.code() == Code.UNAUTHENTICATED || failure.code() == Code.WRONG_CREDENTIALS) {
            CHALLENGES.forEach(challenge -> answer.header(Headers.WWW_AUTHENTICATE, challenge));
        }
        failure.storeRevision().ifPresent(revision -> answer.header(Headers.REVISION, revision));
        return answer;
    }

    /** The number that a failure tells of, under the name that says what it is. */
    private static Map<String, Long> facts(KvException failure) {
        return switch (failure.code()) {
            case PRECONDITION_FAILED -> fact("current_revision", failure);
            case GONE -> fact("oldest_revision", failure);
            case PURGED -> fact("first_index", failure);
            case FORGOTTEN -> fact("oldest_event_id", failure);
            default -> Map.of();
        };
    }

    private static Map<String, Long> fact(String name, KvException failure) {
        return failure.revision().isPresent() ? Map.of(name, failure.revision().getAsLong()) : Map.of();
    }

    private static int status(KvException failure) {
        return switch (failure.code()) {
            case UNREADABLE -> 400;
            case UNAUTHENTICATED, WRONG_CREDENTIALS -> 401;
            case FORBIDDEN -> 403;
            case NOT_FOUND -> 404;
            case TOO_SLOW -> 408;
            case CONFLICT -> 409;
            case GONE, PURGED, FORGOTTEN -> 410;
            case PRECONDITION_FAILED -> 412;
            case TOO_LARGE -> 413;
            case UNSUPPORTED_MEDIA_TYPE -> 415;
            case INVALID -> 422;
            // A write is taken to the leader before it comes here: see LeaderRouting.
            case NOT_LEADER, UNAVAILABLE -> 503;
            case OUTCOME_UNKNOWN -> 504;
            case NO_SPACE -> 507;
        };
    }

    /** A request that no operation takes. */
    private Answer refused(Response refusal) {
        String allowed = refusal.getAllowedMethods().stream().sorted().collect(Collectors.joining(", "));
        String detail = switch (refusal.getStatus()) {
            case 404 -> "no such path: there are " + paths.get();
            case 405 -> "this path does not take this method: it takes " + allowed;
            default -> refusal.getStatusInfo().getReasonPhrase();
        };
        Answer answer = Answers.problem(refusal.getStatus(), detail);
        return allowed.isEmpty() ? answer : answer.header(Headers.ALLOW, allowed);
    }

    /** What went wrong inside is told to the log, not to clients. */
    private static Answer unexpected(Throwable failure) {
        String id = UUID.randomUUID().toString();
        return Answers.problem(500, noted(failure, id), Map.of("error_id", id));
    }

    /** The same, for who has no problem documents. */
    static String noted(Throwable failure) {
        return noted(failure, UUID.randomUUID().toString());
    }

    private static String noted(Throwable failure, String id) {
        LOG.error("unexpected failure {}", id, failure);
        return "unexpected failure " + id + ": the log of this node tells more under this id";
    }
}

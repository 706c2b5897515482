package dev.raftkv.rest.http;

import dev.raftkv.access.Caller;
import dev.raftkv.access.UserRole;
import dev.raftkv.rest.request.Request;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * One thing that the API does, and all that is known of it: the table of the operations is the API.
 *
 * @param route under the context root, without a slash in front; {@code {key}} stands for the rest of a path
 * @param parameters those of the query that it knows
 * @param chosenBy the parameter that tells it from another one of the same method and route; empty for the other
 * @param effect what it does to the state
 * @param role which its caller has to have; empty if it is open to all
 * @param forNodes whether other nodes ask it too
 * @param maxBody the longest body that it takes, in bytes; 0 if it looks at none, {@link #REFUSED} if it refuses one,
 *     {@link #UPLOAD} for one that it takes by itself
 * @param foreign whether its query and its body are in the form of another interface, and its own matter
 * @param function ends, soon or late, on whatever thread, with the answer or with a failure; never blocks for another node,
 *     another request or a client
 */
public record Operation(
        String method,
        String route,
        List<String> parameters,
        String chosenBy,
        Effect effect,
        Optional<UserRole> role,
        boolean forNodes,
        int maxBody,
        boolean foreign,
        Function<Request, CompletionStage<Answer>> function) {

    /** A body of any length, which comes while the operation is under way: see {@link Request#receive}. */
    public static final int UPLOAD = -1;

    /** No body: who sends one means another operation, and is told. */
    public static final int REFUSED = -2;

    /** What an operation does to the state of the cluster. */
    public enum Effect {
        /** It shows keys and their values. */
        READS,
        /** It changes keys. */
        CHANGES,
        /** It changes who is a member, and where, or what all of them go by. */
        MEMBERS,
        /** It tells how the node is, or is one node's question to another. */
        OPERATIONAL;

        /** The role that what has this effect asks for, if it does not say another. */
        private UserRole role() {
            return switch (this) {
                case READS -> UserRole.READER;
                case CHANGES -> UserRole.WRITER;
                case MEMBERS, OPERATIONAL -> UserRole.ADMIN;
            };
        }
    }

    /** An operation without a body that is the only one of its method and route. */
    public Operation(
            String method,
            String route,
            List<String> parameters,
            Effect effect,
            Function<Request, CompletionStage<Answer>> function) {
        this(method, route, parameters, "", effect, Optional.of(effect.role()), false, 0, false, function);
    }

    public Operation takingBody(int max) {
        return new Operation(method, route, parameters, chosenBy, effect, role, forNodes, max, foreign, function);
    }

    public Operation refusingBody() {
        return takingBody(REFUSED);
    }

    public Operation chosenBy(String parameter) {
        return new Operation(method, route, parameters, parameter, effect, role, forNodes, maxBody, foreign, function);
    }

    /** @param other which it asks for, and not the one that its effect does */
    public Operation askingFor(UserRole other) {
        return new Operation(
                method, route, parameters, chosenBy, effect, Optional.of(other), forNodes, maxBody, foreign, function);
    }

    public Operation openToAll() {
        return new Operation(
                method, route, parameters, chosenBy, effect, Optional.empty(), forNodes, maxBody, foreign, function);
    }

    public Operation askedByNodesToo() {
        return new Operation(method, route, parameters, chosenBy, effect, role, true, maxBody, foreign, function);
    }

    public Operation ofAnotherInterface() {
        return new Operation(method, route, parameters, chosenBy, effect, role, forNodes, maxBody, true, function);
    }

    /** The same, done in another way. */
    public Operation with(Function<Request, CompletionStage<Answer>> other) {
        return new Operation(method, route, parameters, chosenBy, effect, role, forNodes, maxBody, foreign, other);
    }

    public boolean isFor(Caller caller) {
        return role.isEmpty() || caller.may(role.get()) || forNodes && caller.may(UserRole.NODE);
    }

    /** The route as users know it. */
    public String path() {
        return "/" + route;
    }
}

package dev.raftkv.rest.store;

import dev.raftkv.json.JsonObject;
import dev.raftkv.model.Code;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Session;
import dev.raftkv.model.Session.Behavior;
import dev.raftkv.rest.json.Ttl;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import java.util.stream.Collectors;

/** What requests about sessions say. */
final class SessionRequest {
    static final String NAME = "session";

    private static final int MILLIS = 1000;

    private SessionRequest() {}

    /**
     * The session that the body of {@code POST /session} asks for.
     *
     * @throws KvException if it has no ttl, or a member that cannot be
     */
    static OfSession.Create create(byte[] body) {
        String name = "";
        long ttl = 0;
        long lockDelay = 0;
        Behavior behavior = Behavior.DELETE;
        try (JsonObject object = JsonObject.read(body, "name", Ttl.NAME, "behavior", "lock_delay")) {
            while (object.next()) {
                switch (object.name()) {
                    case "name" -> name = name(object.string());
                    case Ttl.NAME ->
                        ttl = object.number(Session.MIN_TTL_MILLIS / MILLIS, Session.MAX_TTL_MILLIS / MILLIS);
                    case "behavior" -> behavior = behavior(object.string());
                    default -> lockDelay = object.number(0, Session.MAX_LOCK_DELAY_MILLIS / MILLIS);
                }
            }
        }
        if (ttl == 0) {
            throw new KvException(
                    Code.INVALID,
                    "ttl is missing: give the seconds that the session lives after each renewal, from "
                            + Session.MIN_TTL_MILLIS / MILLIS + " to " + Session.MAX_TTL_MILLIS / MILLIS);
        }
        return new OfSession.Create(UUID.randomUUID(), name, ttl * MILLIS, behavior, lockDelay * MILLIS);
    }

    private static String name(String name) {
        if (name == null) {
            return "";
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > Session.MAX_NAME) {
            throw new KvException(
                    Code.INVALID, "name is too long: give at most " + Session.MAX_NAME + " bytes in UTF-8");
        }
        return name;
    }

    private static Behavior behavior(String text) {
        return Arrays.stream(Behavior.values())
                .filter(each -> each.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new KvException(
                        Code.INVALID,
                        "behavior is " + text + ": give "
                                + Arrays.stream(Behavior.values())
                                        .map(each -> "\"" + each.text() + "\"")
                                        .collect(Collectors.joining(" or "))));
    }
}

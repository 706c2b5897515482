package dev.raftkv.rest.json;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import java.util.UUID;
import java.util.regex.Pattern;

/** The id of a session, as clients write it. */
public final class SessionId {
    /** {@link UUID#fromString} takes what is no UUID, and makes another one of it. */
    private static final Pattern ID = Pattern.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private SessionId() {}

    /** @throws KvException if it cannot be the id of a session */
    public static UUID of(String text) {
        if (!ID.matcher(text).matches()) {
            throw new KvException(
                    Code.INVALID,
                    "no session has such an id: " + text + "; give the id that POST /session has answered");
        }
        return UUID.fromString(text);
    }
}

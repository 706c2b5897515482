package dev.raftkv.rest.request;

import dev.raftkv.model.Code;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import java.util.Optional;

/** The key that a request to {@code /store} names: in its path, or as the query parameter {@value #PARAMETER}. */
public final class RequestedKey {
    public static final String PARAMETER = "key";
    private static final String ROUTE = "store/";

    private RequestedKey() {}

    /** Whether the request is about one key. */
    public static boolean isNamed(Request request) {
        return inPath(request) != null || request.query().has(PARAMETER);
    }

    /** @throws KvException if there is no key, more than one, or one that cannot be */
    public static Key of(Request request) {
        String path = inPath(request);
        Optional<String> parameter = request.query().get(PARAMETER);
        if (parameter.isPresent() && path != null) {
            throw new KvException(Code.INVALID, "the key is given in the path and as ?key=: give it once");
        }
        if (parameter.isEmpty() && path == null) {
            throw new KvException(Code.INVALID, "no key is given: name it as /store/{key} or as /store?key={key}");
        }
        return Key.of(parameter.orElse(path));
    }

    /**
     * What follows {@code store/}, or null. One slash at the end is dropped, as raft-sample's router does.
     */
    private static String inPath(Request request) {
        String raw = request.path();
        if (raw.length() <= ROUTE.length()) {
            return null;
        }
        int end = raw.endsWith("/") ? raw.length() - 1 : raw.length();
        return PercentCode.decodePath(raw.substring(ROUTE.length(), end));
    }
}

package dev.raftkv.rest;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.UnaryOperator;

/** Reads the JSON body of a request into memory, up to a limit. */
final class RequestBody {
    private static final String UTF_8 = "utf-8";
    private static final String UTF_8_AS_MANY_WRITE_IT = "utf8";

    private final int limit;

    /** @param limit the longest body, in bytes */
    RequestBody(int limit) {
        this.limit = limit;
    }

    /**
     * The whole body; empty if there is none.
     *
     * @throws KvException {@link Code#TOO_LARGE} if it is longer than the limit, of which no more is then read;
     *     {@link Code#UNSUPPORTED_MEDIA_TYPE} if it is not declared as JSON in UTF-8; {@link Code#UNREADABLE} if it does not
     *     arrive to its end
     */
    byte[] read(ContainerRequestContext request) {
        return read(request::getHeaderString, request.getEntityStream());
    }

    /** As {@link #read(ContainerRequestContext)}. */
    byte[] read(HttpServletRequest request) {
        try {
            return read(request::getHeader, request.getInputStream());
        } catch (IOException e) {
            throw brokenOff(e);
        }
    }

    private byte[] read(UnaryOperator<String> header, InputStream stream) {
        if (declaredLength(header.apply(HttpHeaders.CONTENT_LENGTH)) > limit) {
            throw tooLarge();
        }
        byte[] body = receive(stream);
        if (body.length > limit) {
            throw tooLarge();
        }
        if (body.length > 0) {
            requireJson(header.apply(HttpHeaders.CONTENT_TYPE));
            requirePlain(header.apply(HttpHeaders.CONTENT_ENCODING));
        }
        return body;
    }

    private static long declaredLength(String length) {
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            throw new KvException(Code.UNREADABLE, "Content-Length is no number: " + length, e);
        }
    }

    /** One byte more than the limit shows that there is more. */
    private byte[] receive(InputStream stream) {
        try {
            return stream.readNBytes(limit + 1);
        } catch (IOException e) {
            throw brokenOff(e);
        }
    }

    private static KvException brokenOff(IOException e) {
        return new KvException(Code.UNREADABLE, "the body broke off before its end: send it again", e);
    }

    private KvException tooLarge() {
        return new KvException(Code.TOO_LARGE, "the body is too large: the limit is " + limit + " bytes");
    }

    private static void requireJson(String contentType) {
        if (contentType == null || !isJsonInUtf8(contentType)) {
            throw new KvException(
                    Code.UNSUPPORTED_MEDIA_TYPE,
                    "the body has the content type " + (contentType == null ? "(none)" : contentType)
                            + ": send JSON in UTF-8 with the header Content-Type: application/json");
        }
    }

    private static boolean isJsonInUtf8(String contentType) {
        try {
            MediaType type = MediaType.valueOf(contentType);
            String charset = type.getParameters().getOrDefault(MediaType.CHARSET_PARAMETER, UTF_8);
            return type.getType().equalsIgnoreCase("application")
                    && type.getSubtype().equalsIgnoreCase("json")
                    && (charset.equalsIgnoreCase(UTF_8) || charset.equalsIgnoreCase(UTF_8_AS_MANY_WRITE_IT));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void requirePlain(String encoding) {
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new KvException(
                    Code.UNSUPPORTED_MEDIA_TYPE,
                    "the body has the content encoding " + encoding + ": send it without Content-Encoding");
        }
    }
}

package dev.raftkv.launch.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers what the web application does not see, with a problem document as it does. */
final class ServerErrors implements Request.Handler {
    private final boolean isEncrypted;

    /** @param isEncrypted whether the server speaks HTTPS only */
    ServerErrors(boolean isEncrypted) {
        this.isEncrypted = isEncrypted;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/problem+json");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        if (status == HttpStatus.SERVICE_UNAVAILABLE_503) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, 1);
        }
        // Constants, which need no escapes.
        String detail = isEncrypted && !request.isSecure() ? EncryptedOnly.WAY_OUT : detail(status);
        String document = "{\"type\":\"about:blank\",\"title\":\"" + HttpStatus.getMessage(status) + "\",\"status\":"
                + status + ",\"detail\":\"" + detail + "\",\"error\":\"" + detail + "\"}\n";
        response.write(true, ByteBuffer.wrap(document.getBytes(StandardCharsets.UTF_8)), callback);
        return true;
    }

    private static String detail(int status) {
        return switch (status) {
            case HttpStatus.BAD_REQUEST_400 ->
                "the path or a header of the request is malformed, or the path has what servers rewrite: name such a key"
                        + " as /store?key={key}, percent-encoded";
            case HttpStatus.SERVICE_UNAVAILABLE_503 ->
                "this node is stopping: nothing was changed, go on at another node";
            default -> HttpStatus.getMessage(status);
        };
    }
}

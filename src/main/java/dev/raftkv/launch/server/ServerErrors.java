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
        Shield.raise(response.getHeaders());
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
                "this is no HTTP request, or its path or a header is malformed, or the path has what servers rewrite: name"
                        + " such a key as /store?key={key}, percent-encoded";
            case HttpStatus.NOT_FOUND_404 -> "there is nothing at this path: ask below the context path of the node";
            case HttpStatus.URI_TOO_LONG_414 ->
                "the path and the query are too long: this server takes " + EmbeddedServer.HEAD_BYTES
                        + " bytes of request line and headers";
            case HttpStatus.EXPECTATION_FAILED_417 ->
                "the only expectation that this server meets is 100-continue: send the request without the field Expect";
            case HttpStatus.UPGRADE_REQUIRED_426, HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505 ->
                "this server speaks HTTP/1.1: ask so";
            case HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431 ->
                "the headers are too large: this server takes " + EmbeddedServer.HEAD_BYTES
                        + " bytes of request line and headers";
            case HttpStatus.SERVICE_UNAVAILABLE_503 ->
                "this node is stopping: nothing was changed, go on at another node";
            case HttpStatus.REQUEST_TIMEOUT_408 -> "the request did not come to its end in time: send it again";
            default -> "this server does not answer this request: " + HttpStatus.getMessage(status);
        };
    }
}

package dev.raftkv.launch.server;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Lets requests in that came encrypted; the others are told how to come again, without a look at what they ask. */
final class EncryptedOnly extends Handler.Wrapper {
    static final String WAY_OUT = "this port speaks HTTPS only: ask again with https:// and trust the cluster's ca.pem";

    EncryptedOnly(Handler next) {
        super(next);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (request.isSecure()) {
            return super.handle(request, response, callback);
        }
        response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
        Response.writeError(request, response, callback, HttpStatus.BAD_REQUEST_400);
        return true;
    }
}

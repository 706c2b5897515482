package dev.raftkv.launch.server;

import java.util.concurrent.Executor;
import java.util.function.BiPredicate;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Lets the thread that has read a request answer it, if the web application says that it waits for nothing: to wake another one
 * takes as long as such an answer. All other requests go to the pool, as others wait to be read meanwhile.
 */
final class ReadingThread extends Handler.Wrapper {
    /** The attribute of the context by which the application tells which these are, and of a request that is one. */
    private static final String AT_ONCE = "dev.raftkv.atOnce";

    private final Executor pool;
    private final WebAppContext application;
    private final int root;
    private BiPredicate<Object, Object> atOnce = ReadingThread::none;

    ReadingThread(Handler next, Executor pool, WebAppContext application, String contextPath) {
        super(next);
        this.pool = pool;
        this.application = application;
        this.root = contextPath.length();
    }

    private static boolean none(Object path, Object query) {
        return false;
    }

    /** The application runs by then. */
    @Override
    @SuppressWarnings("unchecked")
    protected void doStart() throws Exception {
        super.doStart();
        if (application.getContext().getAttribute(AT_ONCE) instanceof BiPredicate<?, ?> given) {
            atOnce = (BiPredicate<Object, Object>) given;
        }
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (waitsForNothing(request)) {
            request.setAttribute(AT_ONCE, true);
            return super.handle(request, response, callback);
        }
        pool.execute(() -> handOn(request, response, callback));
        return true;
    }

    private boolean waitsForNothing(Request request) {
        if (!HttpMethod.GET.is(request.getMethod()) || request.getLength() > 0) {
            return false;
        }
        HttpURI uri = request.getHttpURI();
        String path = uri.getPath();
        return path != null && path.length() > root && atOnce.test(path.substring(root), uri.getQuery());
    }

    private void handOn(Request request, Response response, Callback callback) {
        try {
            if (!super.handle(request, response, callback)) {
                Response.writeError(request, response, callback, 404);
            }
        } catch (Exception | Error e) {
            callback.failed(e);
        }
    }
}

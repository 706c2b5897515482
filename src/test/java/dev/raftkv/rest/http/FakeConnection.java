package dev.raftkv.rest.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;

/** As much of Tomcat as a reply may touch, for what a real one does only in bad moments; every other call fails. */
final class FakeConnection {
    /** What the client has sent of its body and nobody has read. */
    byte[] come = {};

    /** Whether the client takes what it is sent. */
    boolean takes = true;

    /** What happens while the client is sent something. */
    Runnable onWrite = () -> {};

    /** Whether the container has threads for more. */
    boolean worksOn = true;

    private final Map<String, String> requestHeaders;
    private final Map<String, String> headers = new TreeMap<>();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private int status;
    private boolean completed;
    private ReadListener reader;
    private WriteListener writer;
    private AsyncListener listener;

    /** @param requestHeaders by their names in lower case */
    FakeConnection(Map<String, String> requestHeaders) {
        this.requestHeaders = requestHeaders;
    }

    Reply begin(Replies replies) {
        try {
            Reply reply = Reply.begin(replies, request(), response());
            reply.leaveThread();
            return reply;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@link #begin}, with an answer that is there before the container's thread is left. */
    Reply beginWith(Replies replies, Answer answer) {
        try {
            Reply reply = Reply.begin(replies, request(), response());
            reply.answer(answer);
            reply.leaveThread();
            return reply;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ReadListener reader() {
        return reader;
    }

    WriteListener writer() {
        return writer;
    }

    /** The container finds that the exchange has failed. */
    void fail(Throwable failure) {
        try {
            listener.onError(new AsyncEvent(context(), failure));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isCompleted() {
        return completed;
    }

    String sent() {
        return status + " " + headers + " " + sent.toString(UTF_8);
    }

    private HttpServletRequest request() {
        return proxy(HttpServletRequest.class, (method, arguments) -> {
            if (completed) {
                // As that of Tomcat, when it is used again.
                throw new IllegalStateException("The request object has been recycled");
            }
            return switch (method) {
                case "getMethod" -> "POST";
                case "getContentLengthLong" -> Long.parseLong(requestHeaders.getOrDefault("content-length", "-1"));
                case "getHeader" -> requestHeaders.get(((String) arguments[0]).toLowerCase(Locale.ROOT));
                case "getInputStream" -> new In();
                case "startAsync" -> context();
                case "getServletContext" -> proxy(ServletContext.class, (unused, none) -> "Apache Tomcat of this test");
                default -> throw new UnsupportedOperationException(method);
            };
        });
    }

    private HttpServletResponse response() {
        return proxy(HttpServletResponse.class, (method, arguments) -> switch (method) {
            case "setStatus" -> {
                status = (Integer) arguments[0];
                yield null;
            }
            case "addHeader" -> headers.put((String) arguments[0], (String) arguments[1]);
            case "setContentLength" -> null;
            case "getOutputStream" -> new Out();
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private AsyncContext context() {
        return proxy(AsyncContext.class, (method, arguments) -> {
            switch (method) {
                case "start" -> start((Runnable) arguments[0]);
                case "complete" -> completed = true;
                case "addListener" -> listener = (AsyncListener) arguments[0];
                case "setTimeout", "getRequest", "getResponse" -> {}
                default -> throw new UnsupportedOperationException(method);
            }
            return null;
        });
    }

    private void start(Runnable work) {
        if (!worksOn) {
            throw new RejectedExecutionException("the threads have ended");
        }
        work.run();
    }

    private static <T> T proxy(Class<T> type, Calls calls) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> calls.called(method.getName(), arguments)));
    }

    private interface Calls {
        Object called(String method, Object[] arguments);
    }

    private final class Out extends ServletOutputStream {
        @Override
        public boolean isReady() {
            return takes;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            writer = listener;
        }

        @Override
        public void write(int octet) {
            throw new UnsupportedOperationException("octets are written by many");
        }

        @Override
        public void write(byte[] octets) {
            onWrite.run();
            sent.writeBytes(octets);
        }
    }

    private final class In extends ServletInputStream {
        @Override
        public boolean isFinished() {
            return false;
        }

        @Override
        public boolean isReady() {
            return come.length > 0;
        }

        @Override
        public int available() {
            return come.length;
        }

        @Override
        public void setReadListener(ReadListener listener) {
            reader = listener;
        }

        @Override
        public int read() throws IOException {
            throw new IOException("octets are read by many");
        }

        @Override
        public int read(byte[] into, int from, int length) {
            int count = Math.min(length, come.length);
            System.arraycopy(come, 0, into, from, count);
            come = Arrays.copyOfRange(come, count, come.length);
            return count;
        }
    }
}

package dev.raftkv.web;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;
import java.util.function.IntConsumer;

/** Tells at which port of this machine requests come in, each time that it is another one than before. */
final class ArrivalPort implements Filter {
    private final IntConsumer listener;
    private volatile int last;

    ArrivalPort(IntConsumer listener) {
        this.listener = listener;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        int port = request.getLocalPort();
        if (port != last) {
            last = port;
            listener.accept(port);
        }
        chain.doFilter(request, response);
    }
}

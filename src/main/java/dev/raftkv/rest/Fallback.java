package dev.raftkv.rest;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Answers what nobody has expected: a problem document with an id, where the container would show a page of its own with names
 * of classes.
 */
final class Fallback implements Filter {
    private final ServletAnswers answers;
    private final ErrorMapper errors;

    Fallback(ServletAnswers answers, ErrorMapper errors) {
        this.answers = answers;
        this.errors = errors;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) throws IOException {
        try {
            chain.doFilter(request, response);
        } catch (ServletException | RuntimeException | Error e) {
            boolean wrapped = e instanceof ServletException && e.getCause() != null;
            answer(wrapped ? e.getCause() : e, (HttpServletResponse) response);
        }
    }

    /** Nothing that is half written is taken for an answer: then the connection ends. */
    void answer(Throwable failure, HttpServletResponse response) throws IOException {
        if (response.isCommitted()) {
            throw new IOException("an answer broke off", failure);
        }
        response.reset();
        answers.write(errors.toResponse(failure), response);
    }
}

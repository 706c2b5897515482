package dev.raftkv.web;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.TreeMap;

/** Keeps what a servlet or a filter answers. */
final class FakeResponse {
    private final Map<String, Object> said = new TreeMap<>();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    /** The headers by their names, and the argument of each other setter by the setter's. */
    Map<String, Object> said() {
        return said;
    }

    byte[] body() {
        return body.toByteArray();
    }

    HttpServletResponse response() {
        return FakeContext.proxy(HttpServletResponse.class, (name, arguments) -> {
            if (name.equals("getOutputStream")) {
                return new Body();
            }
            if (name.equals("setHeader")) {
                said.put((String) arguments[0], arguments[1]);
            } else {
                said.put(name, arguments[0]);
            }
            return null;
        });
    }

    private final class Body extends ServletOutputStream {
        @Override
        public void write(int octet) {
            body.write(octet);
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            throw new UnsupportedOperationException();
        }
    }
}

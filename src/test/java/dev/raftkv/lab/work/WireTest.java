package dev.raftkv.lab.work;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.lab.history.Level;
import dev.raftkv.lab.history.Request;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WireTest {
    private static final URI NODE = URI.create("http://127.0.0.1:1");

    @Test
    void aReadNamesItsLevelAndWhatItMustHaveSeen() {
        Request read = Request.read("w/k", Level.EVENTUAL).atLeast(7);

        assertEquals("/store/w/k?consistency=eventual&min_revision=7", Wire.target(read));
    }

    @Test
    void conditionsAndNamesAreHeaders() {
        HttpRequest put = Wire.write(Request.put("k", "v").onlyIf(7).named("n"), HttpRequest.newBuilder(NODE));
        HttpRequest create = Wire.write(Request.put("k", "v").onlyIf(Request.ABSENT), HttpRequest.newBuilder(NODE));

        assertEquals(Optional.of("\"7\""), put.headers().firstValue("If-Match"));
        assertEquals(Optional.of("\"n\""), put.headers().firstValue("Idempotency-Key"));
        assertEquals(Optional.of("*"), create.headers().firstValue("If-None-Match"));
    }
}

package dev.raftkv.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.ops.Exposition;
import dev.raftkv.testkit.LogLines;
import dev.raftkv.tls.TestCertificates;
import dev.raftkv.tls.Tls;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateCareTest {
    @TempDir
    Path directory;

    @Test
    void aCertificateThatEndsSoonIsTold() {
        Instant end = Instant.now().plus(Duration.ofDays(29));
        List<String> lines = startWith(end);
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(
                lines.get(0).startsWith("WARNING node node1: its certificate expires in 28 days, at "),
                lines::toString);
    }

    @Test
    void aCertificateThatHoldsLongIsNotTold() {
        assertEquals(List.of(), startWith(Instant.now().plus(Duration.ofDays(31))));
    }

    private List<String> startWith(Instant end) {
        Tls tls = Tls.open(TestCertificates.in(directory).node("node1", List.of("localhost"), end));
        try (LogLines lines = LogLines.of(CertificateCare.class);
                CertificateCare care = new CertificateCare("node1", tls)) {
            care.start();
            Exposition out = new Exposition();
            care.write(out);
            assertTrue(
                    out.text().contains("\nraftkv_certificate_expiry_timestamp_seconds " + end.getEpochSecond() + "\n"),
                    out.text());
            return lines.all();
        }
    }
}

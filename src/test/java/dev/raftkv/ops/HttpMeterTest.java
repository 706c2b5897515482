package dev.raftkv.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HttpMeterTest {
    private final HttpMeter meter = new HttpMeter(Map.of("/store", List.of("POST", "GET")));

    @Test
    void requestsAreCountedByRouteMethodAndKindOfStatus() {
        HttpMeter.Endpoint posts = meter.endpoint("/store", "POST");
        posts.record(200, 700_000);
        posts.record(204, 2_000_000);
        posts.record(307, 1);
        posts.record(507, 20_000_000_000L);
        meter.other().record(404, 1);

        List<String> lines = text().lines().toList();
        assertEquals("""
                # HELP raftkv_http_requests_total HTTP requests answered.
                # TYPE raftkv_http_requests_total counter
                raftkv_http_requests_total{route="/store",method="GET",status="2xx"} 0
                raftkv_http_requests_total{route="/store",method="GET",status="3xx"} 0
                raftkv_http_requests_total{route="/store",method="GET",status="4xx"} 0
                raftkv_http_requests_total{route="/store",method="GET",status="5xx"} 0
                raftkv_http_requests_total{route="/store",method="POST",status="2xx"} 2
                raftkv_http_requests_total{route="/store",method="POST",status="3xx"} 1
                raftkv_http_requests_total{route="/store",method="POST",status="4xx"} 0
                raftkv_http_requests_total{route="/store",method="POST",status="5xx"} 1
                raftkv_http_requests_total{route="other",method="other",status="2xx"} 0
                raftkv_http_requests_total{route="other",method="other",status="3xx"} 0
                raftkv_http_requests_total{route="other",method="other",status="4xx"} 1
                raftkv_http_requests_total{route="other",method="other",status="5xx"} 0
                """, String.join("\n", lines.subList(0, 14)) + "\n");
        assertTrue(
                lines.contains(
                        "raftkv_http_request_duration_seconds_bucket{route=\"/store\",method=\"POST\",le=\"0.0025\"} 3"),
                this::text);
        assertTrue(
                lines.contains(
                        "raftkv_http_request_duration_seconds_sum{route=\"/store\",method=\"POST\"} 20.002700001"),
                this::text);
    }

    @Test
    void requestsThatNoRouteTakesAreOneKind() {
        assertSame(meter.other(), meter.endpoint("/store", "PATCH"));
        assertSame(meter.other(), meter.endpoint("/wp-login.php", "GET"));
    }

    @Test
    void aStatusThatDoesNotExistCountsAsTheNearestKind() {
        meter.other().record(0, 1);
        meter.other().record(999, 1);

        assertTrue(text().contains("{route=\"other\",method=\"other\",status=\"1xx\"} 1\n"), this::text);
        assertTrue(text().contains("{route=\"other\",method=\"other\",status=\"5xx\"} 1\n"), this::text);
    }

    private String text() {
        Exposition out = new Exposition();
        meter.write(out);
        return out.text();
    }
}

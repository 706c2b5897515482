package dev.raftkv.ops;

import dev.raftkv.meter.Histogram;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts and times HTTP requests by their route and method. */
public final class HttpMeter implements Source {
    private static final String[] STATUSES = {"1xx", "2xx", "3xx", "4xx", "5xx"};

    private final Map<String, Map<String, Endpoint>> endpoints = new LinkedHashMap<>();
    private final Endpoint other = new Endpoint("other", "other");

    /** @param routes the methods of each route; requests for others are measured together, under the route other */
    public HttpMeter(Map<String, ? extends Collection<String>> routes) {
        routes.forEach((route, methods) -> {
            Map<String, Endpoint> byMethod = new LinkedHashMap<>();
            methods.stream().sorted().forEach(method -> byMethod.put(method, new Endpoint(route, method)));
            endpoints.put(route, byMethod);
        });
    }

    /** One route and method. To be asked for once by who has many requests. */
    public Endpoint endpoint(String route, String method) {
        return endpoints.getOrDefault(route, Map.of()).getOrDefault(method, other);
    }

    /** The requests that no route takes. */
    public Endpoint other() {
        return other;
    }

    /** The requests of one route and method. */
    public static final class Endpoint {
        private final String[] labels;
        private final LongAdder[] byStatus = new LongAdder[STATUSES.length];
        private final Histogram times =
                Histogram.ofSeconds(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10);

        private Endpoint(String route, String method) {
            this.labels = new String[] {"route", route, "method", method};
            Arrays.setAll(byStatus, status -> new LongAdder());
        }

        /**
         * A request was answered.
         *
         * @param nanos since it came
         */
        public void record(int status, long nanos) {
            byStatus[Math.min(Math.max(status / 100, 1), STATUSES.length) - 1].increment();
            times.record(nanos);
        }

        private void writeCounts(Exposition out) {
            for (int status = 0; status < STATUSES.length; status++) {
                long count = byStatus[status].sum();
                // Those that every route may answer are there from the start, so that their first increase is seen.
                if (count > 0 || status > 0) {
                    out.sample(count, labels[0], labels[1], labels[2], labels[3], "status", STATUSES[status]);
                }
            }
        }

        private void writeTimes(Exposition out) {
            out.histogram(times.snapshot(), labels);
        }
    }

    @Override
    public void write(Exposition out) {
        out.begin("raftkv_http_requests_total", Exposition.Type.COUNTER, "HTTP requests answered.");
        endpoints.values().forEach(route -> route.values().forEach(endpoint -> endpoint.writeCounts(out)));
        other.writeCounts(out);
        out.begin(
                "raftkv_http_request_duration_seconds",
                Exposition.Type.HISTOGRAM,
                "Time from an HTTP request to its answer, for a watch until it was open.");
        endpoints.values().forEach(route -> route.values().forEach(endpoint -> endpoint.writeTimes(out)));
        other.writeTimes(out);
    }
}

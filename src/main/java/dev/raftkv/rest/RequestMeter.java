package dev.raftkv.rest;

import dev.raftkv.ops.HttpMeter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.glassfish.jersey.server.model.Resource;
import org.glassfish.jersey.server.model.ResourceMethod;
import org.glassfish.jersey.server.monitoring.ApplicationEvent;
import org.glassfish.jersey.server.monitoring.ApplicationEventListener;
import org.glassfish.jersey.server.monitoring.RequestEvent;
import org.glassfish.jersey.server.monitoring.RequestEventListener;

/** Measures requests from their arrival to the end of their answer: those of Jersey by itself, others are told to it. */
final class RequestMeter implements ApplicationEventListener {
    private final HttpMeter meter;
    private final Map<String, String> names = new LinkedHashMap<>();

    /**
     * @param routes those of Jersey
     * @param others the methods of the others
     */
    RequestMeter(Resource[] routes, Map<String, List<String>> others) {
        Map<String, List<String>> methods = new LinkedHashMap<>(others);
        for (Resource route : routes) {
            names.put(route.getPath(), name(route));
            methods.put(
                    name(route),
                    route.getResourceMethods().stream()
                            .map(ResourceMethod::getHttpMethod)
                            .toList());
        }
        this.meter = new HttpMeter(methods);
    }

    /** The path of a route as users know it, without the patterns of its parameters. */
    static String name(Resource route) {
        return "/" + route.getPath().replaceAll(":[^}]*", "");
    }

    /** The names of all routes. */
    static String names(Resource[] routes) {
        return Arrays.stream(routes).map(RequestMeter::name).collect(Collectors.joining(", "));
    }

    HttpMeter meter() {
        return meter;
    }

    @Override
    public void onEvent(ApplicationEvent event) {}

    @Override
    public RequestEventListener onRequest(RequestEvent start) {
        long came = System.nanoTime();
        return event -> {
            if (event.getType() == RequestEvent.Type.FINISHED) {
                int status = event.getContainerResponse() == null
                        ? 500
                        : event.getContainerResponse().getStatus();
                endpoint(event).record(status, System.nanoTime() - came);
            }
        };
    }

    private HttpMeter.Endpoint endpoint(RequestEvent event) {
        Resource route = event.getUriInfo().getMatchedModelResource();
        return route == null
                ? meter.other()
                : meter.endpoint(
                        names.getOrDefault(route.getPath(), ""),
                        event.getContainerRequest().getMethod());
    }
}

package dev.raftkv.web;

import dev.raftkv.config.ConfigSources;
import dev.raftkv.config.Deployment;
import dev.raftkv.config.Source;
import jakarta.servlet.ServletContext;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a web application's context tells about its node. */
final class ContextSettings {
    private ContextSettings() {}

    /** The context's parameters, which let several contexts of one server be several nodes, then those of the JVM. */
    static ConfigSources sources(ServletContext context) {
        Map<String, String> parameters = new TreeMap<>();
        for (String name : Collections.list(context.getInitParameterNames())) {
            parameters.put(name, context.getInitParameter(name));
        }
        return new ConfigSources(List.of(
                Source.of("context parameter", parameters),
                Source.systemProperties(System.getProperties()),
                Source.environment(System.getenv())));
    }

    static Deployment deployment(ServletContext context) {
        return new Deployment(
                context.getContextPath(),
                Optional.ofNullable(context.getRealPath("/")).map(Path::of));
    }
}

package dev.raftkv.web;

import dev.raftkv.config.ConfigSources;
import dev.raftkv.config.Deployment;
import dev.raftkv.config.Source;
import jakarta.servlet.ServletContext;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a web application's context tells about its node. */
final class ContextSettings {
    /** The attribute of the context that says what its parameters are called by whoever has set them. */
    static final String PARAMETERS = "dev.raftkv.parameters";

    /** The attribute of the context that says where the server's HTTP port listens, of a server that tells. */
    private static final String HTTP_HOST = "dev.raftkv.httpHost";

    /** The attribute of the context by which a server says that its port speaks HTTPS. */
    static final String ENCRYPTED = "dev.raftkv.encrypted";

    private ContextSettings() {}

    /** The context's parameters, which let several contexts of one server be several nodes, then those of the JVM. */
    static ConfigSources sources(ServletContext context) {
        Map<String, String> parameters = new TreeMap<>();
        for (String name : Collections.list(context.getInitParameterNames())) {
            parameters.put(name, context.getInitParameter(name));
        }
        // The embedded server hands the options of its command line over as parameters.
        Object label = context.getAttribute(PARAMETERS);
        return new ConfigSources(List.of(
                Source.of(label == null ? "context parameter" : label.toString(), parameters),
                Source.systemProperties(System.getProperties()),
                Source.environment(System.getenv())));
    }

    /** Whether the WAR is a program of its own, in which there is no other server. */
    static boolean isOfProgram(ServletContext context) {
        return context.getAttribute(PARAMETERS) != null;
    }

    static Deployment deployment(ServletContext context) {
        return new Deployment(
                context.getContextPath(),
                Optional.ofNullable(context.getRealPath("/")).map(Path::of),
                base(),
                Boolean.TRUE.equals(context.getAttribute(ENCRYPTED)));
    }

    /** The host that the server's HTTP port listens on; empty if the server does not tell, as none but our own does. */
    static Optional<String> httpHost(ServletContext context) {
        return Optional.ofNullable(context.getAttribute(HTTP_HOST)).map(Object::toString);
    }

    /** The directory of the server instance: the working directory is where somebody happened to stand. */
    private static Path base() {
        return Stream.of("catalina.base", "jetty.base")
                .map(System::getProperty)
                .filter(Objects::nonNull)
                .findFirst()
                .map(Path::of)
                .orElse(Path.of(""))
                .toAbsolutePath();
    }
}

package dev.raftkv.launch;

import dev.raftkv.tls.Tls;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What the embedded server is to run.
 *
 * @param host that the port listens on
 * @param contextPath the empty string for the root, else with a slash in front and none at its end
 * @param application the unpacked web application
 * @param temporary for the server's own files
 * @param tls by which the port speaks HTTPS, and nothing else
 * @param parameters init parameters for the web application's context
 */
public record ServerPlan(
        String host,
        int port,
        String contextPath,
        Path application,
        Path temporary,
        Optional<Tls> tls,
        Map<String, String> parameters) {}

package dev.raftkv.launch;

import java.nio.file.Path;
import java.util.Map;

/**
 * What the embedded server is to run.
 *
 * @param host that the port listens on
 * @param contextPath the empty string for the root, else with a slash in front and none at its end
 * @param application the unpacked web application
 * @param temporary for the server's own files
 * @param parameters init parameters for the web application's context
 */
public record ServerPlan(
        String host, int port, String contextPath, Path application, Path temporary, Map<String, String> parameters) {}

package dev.raftkv.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a node's container tells about it.
 *
 * @param contextPath of the web application: empty for the root context, else with a slash in front
 * @param webApplication the directory that it is unpacked in; empty if it is not
 * @param base absolute: where relative paths of settings begin, the same from wherever the container was started
 * @param encrypted whether its HTTP port is known to speak HTTPS
 */
public record Deployment(String contextPath, Optional<Path> webApplication, Path base, boolean encrypted) {
    /** In a container that does not tell more. */
    public Deployment(String contextPath, Optional<Path> webApplication, Path base) {
        this(contextPath, webApplication, base, false);
    }
}

package dev.raftkv.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a node's container tells about it.
 *
 * @param contextPath of the web application: empty for the root context, else with a slash in front
 * @param webApplication the directory that it is unpacked in; empty if it is not
 * @param base absolute: where relative paths of settings begin, the same from wherever the container was started
 */
public record Deployment(String contextPath, Optional<Path> webApplication, Path base) {}

package dev.raftkv.testkit;

import java.io.IOException;
import java.nio.file.Path;

/** A way to run a node. */
@FunctionalInterface
public interface NodeCommand {
    /** Prepares a server with one node in the directory, and returns the command that starts it. */
    ServerCommand node(NodeSpec node, Path base) throws IOException;
}

package dev.raftkv.lab.fault;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The links between nodes, which are counted from 0. Faults add up until {@link #heal}. */
public interface Network extends AutoCloseable {
    /** How it is done, for the report. */
    String description();

    /** Where the others find the node's Raft port. */
    String raftAddress(int node);

    /** Where the others find the node's HTTP port. */
    String httpAddress(int node);

    /** Where clients find the node's HTTP port: no fault is between. Without a slash at the end. */
    String clientUrl(int node);

    /** The settings that make a node listen where the others look for it. */
    Map<String, String> settings(int node);

    /** The command that runs a program where the node lives. */
    List<String> command(int node, List<String> words);

    /** Tells which process is the node, from now on. */
    void runs(int node, long pid);

    /** Nothing that the one node sends arrives at the other any more; what the other sends does. */
    void cut(int from, int to, Traffic traffic) throws IOException;

    /** Whether {@link #slow} works here; if not, why. Empty if it does. */
    String obstacleToSlow();

    /** All that the node sends to the others comes so much later. */
    void slow(int node, Duration delay) throws IOException;

    /** So many of a hundred packets between the node and the others are lost. */
    void lossy(int node, int percent) throws IOException;

    /** All links are as at the beginning. */
    void heal() throws IOException;

    /** Removes all that was made. */
    @Override
    void close() throws IOException;
}

package dev.raftkv.ops;

/** Metrics about one thing. */
public interface Source {
    /** Writes what is true now; each metric that it knows, with or without samples, or not at all. */
    void write(Exposition out);
}

package dev.raftkv.lab.history;

/** What a client knows of the end of its operation. */
public enum Outcome {
    /** It was carried out, between its two times. */
    DONE,
    /** It changed nothing, and never will. */
    REFUSED,
    /** It may have been carried out, may still be, or never. */
    UNKNOWN
}

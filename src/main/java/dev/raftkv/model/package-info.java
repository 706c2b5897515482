/** The values that every part of raftkv speaks of. Imports the JDK only; all types are immutable and thread-safe. */
package dev.raftkv.model;

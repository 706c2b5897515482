/**
 * A node's certificate and key, and whom it trusts: read from a directory, checked, and read again while the node runs.
 * Imports the JDK only, because the launcher has nothing else; its classes lie in the WAR twice, for the web application and
 * for the embedded server. Thread-safe.
 */
package dev.raftkv.tls;

/**
 * Makes certificates for a first try: an authority, and what it vouches for. Imports the JDK and {@code tls} only. No threads.
 */
package dev.raftkv.launch.certs;

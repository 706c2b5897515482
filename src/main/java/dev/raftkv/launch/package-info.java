/**
 * {@code java -jar raftkv.war}: options, JVM-wide settings, the log, unpacking, and the stop on a signal; and commands that start
 * no node. Imports the JDK and {@code launch.certs} only, and nothing of the rest of {@code dev.raftkv}, which it finds in its own WAR and hands over to the embedded server of
 * {@code launch.server}. Options reach the node as init parameters of its servlet context.
 *
 * <p>These classes lie at the root of the WAR, where {@code java -jar} finds them. In an application server they are files
 * like any other of a web application: nothing loads them, and the node's servlet, which is mapped to all paths, does not
 * serve them. They hold no secret.
 *
 * <p>The main thread starts, a shutdown hook stops.
 */
package dev.raftkv.launch;

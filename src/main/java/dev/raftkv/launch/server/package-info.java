/**
 * The embedded server: the only user of Jetty. May import Jetty and {@code launch}. It lies with Jetty's libraries in
 * {@code WEB-INF/launch} of the WAR, where application servers look for no classes, and is loaded with them by a class loader
 * of its own, between the launcher's and the web application's. The launcher knows it by name.
 */
package dev.raftkv.launch.server;

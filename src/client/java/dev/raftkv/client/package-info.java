/**
 * A client that keeps the rule of {@code deploy/CLIENTS.md}: no write is lost or made twice by it while nodes die and hand over, and
 * what is unknown is called so. It needs the JDK only, is no part of the WAR, and has a jar of its own. All public types may be used
 * by several threads at once; calls wait on the thread of the caller.
 */
package dev.raftkv.client;

/**
 * The composition root: wires a node's parts together, starts them in order and closes them in reverse. Knows no servlet, so
 * that a node also runs without a container. May import everything but {@code rest} and {@code web}. One thread of its own, while
 * a new node asks to be joined.
 */
package dev.raftkv.node;

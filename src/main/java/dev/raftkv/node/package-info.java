/**
 * The composition root: wires a node's parts together, starts them in order and closes them in reverse. Knows no servlet, so
 * that a node also runs without a container. May import everything but {@code rest} and {@code web}. Threads of its own: one while
 * a new node asks to be joined, one that announces its address, one that checks all addresses, and one by which a learner
 * finds out that it was removed, which wait for other nodes that they ask on one lane of {@code peer}; and one that looks for
 * new certificates, if there are any.
 */
package dev.raftkv.node;

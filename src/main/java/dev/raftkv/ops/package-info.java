/**
 * What operators see of a node: its health, and its metrics as Prometheus reads them. May import {@code model},
 * {@code access}, * {@code config}, {@code meter}, {@code store}, {@code kv} and {@code raft}. Thread-safe; nothing here blocks, has threads of
 * its own or changes the node.
 *
 * <p>The text of the metrics is written here. The well-kept library for it, {@code prometheus-metrics} 1.10, would be 245 KB more in
 * the WAR without its global registry, for the 118 lines of {@link Exposition}: what nodes count is counted elsewhere, by Ratis,
 * JE and the JVM, so that nearly each figure is read at the moment of the scrape, and the library's model of a scrape takes as many
 * lines to fill as the text. {@code promtool} checks what is written.
 */
package dev.raftkv.ops;

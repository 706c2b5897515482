/**
 * The local cluster: three nodes, each a {@code java -jar raftkv.war}, started by {@code mvn -q -Pcluster}. Uses the JDK and
 * {@code testkit} only, so that {@code java -cp target/test-classes} runs it without Maven. One thread, and the shutdown
 * hook that stops the nodes.
 */
package dev.raftkv.cluster;

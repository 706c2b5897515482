/**
 * What the tests that need real servers share: processes, HTTP, waiting. {@link dev.raftkv.testkit.ServerProcess} and what
 * it needs use the JDK only, because the local cluster is made of them too. May import nothing of {@code dev.raftkv}: these
 * tests see what a user sees.
 */
package dev.raftkv.testkit;

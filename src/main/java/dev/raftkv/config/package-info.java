/**
 * How a node is told what to be: one table of settings ({@link dev.raftkv.config.Setting}), read from context parameters,
 * system properties and environment variables, and checked as a whole. May import {@code model}. Everything runs on the
 * caller's thread; what comes out is immutable.
 */
package dev.raftkv.config;

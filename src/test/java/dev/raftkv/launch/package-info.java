/** The parts of the launcher, without a server; {@code ExecutableWarIT} runs the whole. */
package dev.raftkv.launch;

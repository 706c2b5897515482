/** Who asks, and what they may do. Imports nothing of ours. Threads: none of its own. */
package dev.raftkv.access;

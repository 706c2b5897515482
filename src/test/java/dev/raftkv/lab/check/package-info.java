/**
 * Judges histories of a cluster: each checker looks for one kind of broken promise, and tells what it found in words. Imports
 * {@code dev.raftkv.lab.history} only.
 */
package dev.raftkv.lab.check;

/**
 * Instruments: they count and time what happens, at the cost of an addition or two, and are read when somebody asks. Imports
 * the JDK only. Thread-safe; nothing here blocks or allocates while it measures.
 */
package dev.raftkv.meter;

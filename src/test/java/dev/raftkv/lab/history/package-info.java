/**
 * What clients asked of a cluster and saw of it: operations with both their times and their outcome, and what watches showed.
 * Plain records, which can be written to a file and read again, so that a failed run can be checked again. Imports nothing of
 * {@code dev.raftkv}.
 */
package dev.raftkv.lab.history;

/** What the figures say: medians, ratios, a table, a picture, and all of them raw. Imports nothing of the benchmark. */
package dev.raftkv.bench.report;

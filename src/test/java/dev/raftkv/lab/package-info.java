/**
 * The fault laboratory: real nodes, and everything that a bad day brings, by a schedule that a seed gives. Meanwhile clients
 * work ({@code lab.work}), and what they saw is judged at the end ({@code lab.check}). {@link dev.raftkv.lab.Laboratory} runs
 * it, {@link dev.raftkv.lab.LaboratoryIT} is how Maven does; CONTRIBUTING.md says how you do.
 */
package dev.raftkv.lab;

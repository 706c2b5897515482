/**
 * What the laboratory can do to nodes: links that are cut, slow or lossy, signals, clocks that jump, disks that fill, and
 * the torn tail of a log. Each tool undoes what it did, and has tests of its own. Nothing here knows what a cluster is.
 */
package dev.raftkv.lab.fault;

/**
 * How long a cluster takes no writes when its leader goes: three nodes, each a {@code java -jar raftkv.war}, whose leader is
 * killed, stopped, stood still and cut off, again and again. Run by hand, on a quiet machine; CONTRIBUTING.md says how.
 */
package dev.raftkv.failover;

/** The WAR in real servers, each in a process of its own, seen from outside. Run by {@code mvn verify}. */
package dev.raftkv.it;

/**
 * The glue to the servlet container: starts the node with the web application and stops it with it, and serves the pages. May import everything.
 * The container calls in on threads of its own; the node starts and stops on threads that end with that step, so that no
 * thread local of a library stays behind in the container. Nothing here changes what another web application could see.
 * What the process runs at its end, so that a leader hands over in time, goes with the web application.
 */
package dev.raftkv.web;

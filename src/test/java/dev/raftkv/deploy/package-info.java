/** The files of the directory {@code deploy} agree with each other and with the code. */
package dev.raftkv.deploy;

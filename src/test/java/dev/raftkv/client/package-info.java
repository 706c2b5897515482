/** The client, asked nodes that do what they are told. */
package dev.raftkv.client;

/**
 * The same random requests to two that call themselves a Consul, and what finds the first difference of their answers. One of them may
 * be the model that is here: keys, sessions and locks in maps, where no time passes.
 */
package dev.raftkv.consul.compare;

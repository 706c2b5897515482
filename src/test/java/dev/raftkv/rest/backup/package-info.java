/** Tests of the format of backups. */
package dev.raftkv.rest.backup;

package dev.raftkv.kv;

import dev.raftkv.model.Code;
import dev.raftkv.model.Command;
import dev.raftkv.model.Compare;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Outcome;
import dev.raftkv.model.Session;
import dev.raftkv.model.TxnOp;

/** What users are told when a command has changed nothing. */
final class Rejections {
    private Rejections() {}

    static KvException failure(Outcome.Rejected rejected) {
        return switch (rejected.reason()) {
            case PRECONDITION -> KvException.preconditionFailed(rejected.changeRevision());
            case REQUEST_KEY_REUSED ->
                new KvException(
                        Code.INVALID,
                        "this Idempotency-Key was used for another request: nothing was changed; give each request a"
                                + " key of its own");
            case RESULT_TOO_LARGE ->
                new KvException(
                        Code.INVALID,
                        "the values that the transaction gets are more than 8 MiB: nothing was changed; get fewer keys"
                                + " at once");
            case RESTORE_UNDER_WAY ->
                new KvException(
                        Code.CONFLICT,
                        "another restore is under way, or broke off just now: nothing was changed; try again when"
                                + " it is over");
            case RESTORE_ENDED ->
                new KvException(
                        Code.CONFLICT,
                        "the restore was given up, because it stood still or another one was begun: nothing was"
                                + " changed; send the backup again");
            case KEYS_IN_THE_WAY ->
                new KvException(
                        Code.CONFLICT,
                        "there are keys where the backup is to go: nothing was changed; say ?replace if they are to"
                                + " give way");
            case WRITTEN_MEANWHILE ->
                new KvException(
                        Code.CONFLICT,
                        "the cluster was new when the restore began, and somebody has written meanwhile: nothing was"
                                + " changed; send the backup again");
            case NO_COUNTER ->
                new KvException(
                        Code.INVALID,
                        "the key that is to be added to holds something else than an integer of at most 1000 digits: nothing"
                                + " was changed; store a number there first, or add to another key");
            case COUNTER_TOO_LONG ->
                new KvException(
                        Code.INVALID,
                        "the sum would have more than 1000 digits: nothing was changed; store a smaller number first");
            case KEY_TAKEN ->
                new KvException(
                        Code.CONFLICT,
                        "somebody has stored the key with the number " + (rejected.revision() + 1)
                                + " already, which would be the next of the sequence: nothing was changed; remove that key,"
                                + " and keep the prefix to the sequence");
            case TOO_MANY_SESSIONS ->
                new KvException(
                        Code.CONFLICT,
                        "there are " + Session.MOST + " sessions, as many as may be: nothing was changed; end some, or"
                                + " give many keys to one session");
            case NO_SUCH_SESSION ->
                new KvException(
                        Code.CONFLICT,
                        "the session has ended, or has never been: nothing was changed; begin another one, POST"
                                + " /session, and take for granted that keys of the one before are lost");
            case OTHER_SESSION ->
                new KvException(
                        Code.CONFLICT,
                        "another session has this key: nothing was changed; wait until it ends, or the key is removed");
            case LOCK_DELAY ->
                new KvException(
                        Code.CONFLICT,
                        "a session that had this key has just ended, and its lock_delay is not over: nothing was"
                                + " changed; try again in a moment");
            case TOO_MANY_KEYS_OF_SESSION ->
                new KvException(
                        Code.CONFLICT,
                        "the session has " + Session.MOST_KEYS + " keys, as many as may be: nothing was changed; begin"
                                + " another one");
            case NO_SLOT ->
                new KvException(
                        Code.CONFLICT,
                        "as many slots are held as the semaphore has, or more, if it had more before: nothing was"
                                + " changed; wait until one is let go");
            case NOT_HELD ->
                new KvException(
                        Code.CONFLICT,
                        "this session does not have the key: nothing was changed; whatever the key stands for may be"
                                + " another's by now");
            case RANGE_TOO_LARGE ->
                new KvException(
                        Code.INVALID,
                        "more than " + Command.DeleteRange.MOST_KEYS
                                + " keys would be removed by their prefixes: nothing was changed; remove them by longer"
                                + " prefixes");
            case COMPARED_RANGE_TOO_LARGE ->
                new KvException(
                        Code.INVALID,
                        "more than " + Compare.OfRange.MOST_KEYS
                                + " keys start with the prefixes that the transaction compares: nothing was changed; compare"
                                + " longer prefixes");
            case READ_RANGE_TOO_LARGE ->
                new KvException(
                        Code.INVALID,
                        "the prefixes that the transaction gets have more than " + TxnOp.GetRange.MOST_KEYS
                                + " keys, or more than 2 MiB: nothing was changed; give a lower limit, or longer prefixes");
        };
    }
}

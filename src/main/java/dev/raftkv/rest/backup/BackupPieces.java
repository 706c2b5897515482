package dev.raftkv.rest.backup;

import dev.raftkv.kv.KvService;
import dev.raftkv.model.Entry;
import dev.raftkv.model.Key;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.Session;
import dev.raftkv.model.Session.Behavior;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Pieces;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.store.StoreCopy;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;

/**
 * The body of a backup. The copy of the store that it is read from is made for the first piece, and the header fields that
 * tell of it are added to the answer then.
 */
final class BackupPieces implements Pieces {
    /** A page of keys is found anew for each piece. */
    private static final int PIECE = 64 * 1024;

    private final KvService kv;
    private final Prefix prefix;
    private final boolean gzip;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private final BackupEnd end = new BackupEnd();
    private final Gzip gzipped = new Gzip();
    private Answer answer;
    private StoreCopy copy;
    private long time;
    private Optional<Key> last = Optional.empty();
    private boolean ended;

    BackupPieces(KvService kv, Prefix prefix, boolean gzip) {
        this.kv = kv;
        this.prefix = prefix;
        this.gzip = gzip;
    }

    /** @param made has this as its body */
    void belongTo(Answer made) {
        answer = made;
    }

    @Override
    public byte[] next() {
        if (ended) {
            return null;
        }
        if (copy == null) {
            begin();
        }
        byte[] piece = nextText();
        if (gzip) {
            piece = gzipped.compress(piece, ended);
            while (piece.length == 0) {
                piece = gzipped.compress(nextText(), ended);
            }
        }
        return piece;
    }

    private void begin() {
        // Before the copy is made: a key that is restored must not end before its time.
        time = kv.time();
        copy = kv.copy();
        BackupHeader header = new BackupHeader(
                copy.position().revision(),
                copy.count(prefix),
                time,
                kv.watches().cluster(),
                prefix);
        answer.replace(Headers.REVISION, header.revision())
                .header(
                        Headers.CONTENT_DISPOSITION,
                        "attachment; filename=\"raftkv-" + header.cluster() + "-" + header.revision() + ".jsonl"
                                + (gzip ? ".gz\"" : "\""));
        text.writeBytes(header.line());
    }

    private byte[] nextText() {
        List<Entry> entries = copy.entries(prefix, last, PIECE);
        for (Entry entry : entries) {
            BackupLine.write(text, entry, ttlMillis(entry));
            end.countKey();
            last = Optional.of(entry.key());
        }
        byte[] lines = text.toByteArray();
        text.reset();
        end.add(lines);
        if (!entries.isEmpty()) {
            return lines;
        }
        ended = true;
        text.writeBytes(lines);
        text.writeBytes(end.line());
        return text.toByteArray();
    }

    /** How long a key of the backup has to live, when it is restored; 0 for ever. */
    private long ttlMillis(Entry entry) {
        // One whose time is over and that is still there is to go at once, and not to stay for ever.
        long left = entry.expiresAt() == 0 ? 0 : Math.max(1, entry.expiresAt() - time);
        // No session outlives a restore: nobody who has one knows of it. What would go with it lasts as long as it
        // would.
        long session = entry.hold()
                .flatMap(hold -> copy.session(hold.session()))
                .filter(has -> has.behavior() == Behavior.DELETE)
                .map(Session::ttlMillis)
                .orElse(0L);
        return left == 0 || session == 0 ? Math.max(left, session) : Math.min(left, session);
    }

    @Override
    public void close() {
        gzipped.close();
        if (copy != null) {
            copy.close();
        }
    }
}

package dev.raftkv.rest.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.raftkv.model.Code;
import dev.raftkv.model.Entry;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;
import dev.raftkv.model.SavedKey;
import dev.raftkv.model.Value;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class BackupReaderTest {
    private static final long TIME = 1_000;
    private static final int MAX_VALUE = 1024;
    private static final BackupHeader HEADER = new BackupHeader(57, 4, TIME, "3f2a90c1", Prefix.ALL);
    private static final List<Entry> ENTRIES = List.of(
            new Entry(Key.of("a \"b\" \\ c"), json("{\"n\":1.10,\"m\":[1e400]}"), 3, 57, 2, 0),
            new Entry(Key.of("app/db"), json("{\r\n\t\"a\": \"x\\n\\\"\"\n}"), 5, 5, 1, 61_000),
            new Entry(Key.of("gone"), json("null"), 6, 6, 1, 900),
            new Entry(Key.of("ключ"), json("\"\u00e9 \ud83d\ude00\""), 7, 9, 3, 0));

    private static final String GOLDEN = """
            {"format":"raftkv-backup/1","revision":57,"keys":4,"time":1000,"cluster":"3f2a90c1"}
            {"key":"a \\"b\\" \\\\ c","value":{"n":1.10,"m":[1e400]},"create_revision":3,"change_revision":57,"version":2}
            {"key":"app/db","value":{  \t"a": "x\\n\\"" },"value_text":"{\\r\\n\\t\\"a\\": \\"x\\\\n\\\\\\"\\"\\n}","create_revision":5,"change_revision":5,"version":1,"ttl_ms":60000}
            {"key":"gone","value":null,"create_revision":6,"change_revision":6,"version":1,"ttl_ms":1}
            {"key":"ключ","value":"\u00e9 \ud83d\ude00","create_revision":7,"change_revision":9,"version":3}
            {"keys":4,"sha256":"dafe52a3cea3867cf345575c83194530bf217dc82cc53ef2345cb1e1b2110d11"}
            """;

    private static JsonText json(String text) {
        return new JsonText(text.getBytes(UTF_8));
    }

    private static byte[] backup(BackupHeader header, List<Entry> entries) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(header.line());
        entries.forEach(entry ->
                BackupLine.write(out, entry, entry.expiresAt() == 0 ? 0 : Math.max(1, entry.expiresAt() - TIME)));
        return ended(out.toByteArray(), entries.size());
    }

    /** The lines with the last one that belongs to them. */
    private static byte[] ended(byte[] lines, int keys) {
        BackupEnd end = new BackupEnd();
        end.add(lines);
        for (int i = 0; i < keys; i++) {
            end.countKey();
        }
        return joined(lines, end.line());
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] gzip(byte[] plain) {
        try (Gzip gzip = new Gzip()) {
            byte[] begin = gzip.compress(Arrays.copyOf(plain, 100), false);
            return joined(begin, gzip.compress(Arrays.copyOfRange(plain, 100, plain.length), true));
        }
    }

    private static List<SavedKey> read(byte[] backup) throws IOException {
        try (BackupReader reader = new BackupReader(new ByteArrayInputStream(backup), MAX_VALUE)) {
            return read(reader);
        }
    }

    private static List<SavedKey> read(BackupReader reader) throws IOException {
        List<SavedKey> keys = new ArrayList<>();
        for (Optional<SavedKey> key = reader.next(); key.isPresent(); key = reader.next()) {
            keys.add(key.get());
        }
        return keys;
    }

    private static KvException refusal(byte[] backup) {
        KvException refusal = assertThrows(KvException.class, () -> read(backup));
        assertEquals(Code.INVALID, refusal.code());
        return refusal;
    }

    private static void assertRefused(String sentence, byte[] backup) {
        assertEquals(sentence, refusal(backup).getMessage());
    }

    private static void assertRefused(String sentence, String lines, int keys) {
        assertRefused(sentence, ended(lines.getBytes(UTF_8), keys));
    }

    private static String header(int keys) {
        return "{\"format\":\"raftkv-backup/1\",\"revision\":9,\"keys\":" + keys + ",\"time\":0,\"cluster\":\"c\"}\n";
    }

    private static String line(String key) {
        return "{\"key\":\"" + key + "\",\"value\":1,\"create_revision\":1,\"change_revision\":2,\"version\":1}\n";
    }

    /** Lines shorter and longer than any buffer, which end anywhere in it. */
    @Test
    void linesOfAnyLengthAreReadAndCounted() throws Exception {
        int longest = 300_000;
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            int length = i % 100 == 0 ? longest - i : i * 97 % 1500;
            JsonText value = json("\"" + "v".repeat(length) + "\"");
            entries.add(new Entry(Key.of("k%03d".formatted(i)), value, 1, 1, 1, 0));
        }
        byte[] backup = backup(new BackupHeader(57, entries.size(), TIME, "3f2a90c1", Prefix.ALL), entries);
        String text = new String(backup, UTF_8);
        int last = text.lastIndexOf('\n', text.length() - 2) + 1;
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(backup, last));
        assertEquals("{\"keys\":600,\"sha256\":\"" + HexFormat.of().formatHex(hash) + "\"}\n", text.substring(last));

        try (BackupReader reader = new BackupReader(new ByteArrayInputStream(backup), longest + 2)) {
            assertEquals(
                    entries.stream().map(Entry::value).toList(),
                    read(reader).stream().map(SavedKey::value).toList());
        }
    }

    @Test
    void aFileThatChangesBetweenTwoReadingsIsRefused() throws IOException {
        byte[] backup = backup(HEADER, ENTRIES);
        BackupReader first = new BackupReader(new ByteArrayInputStream(backup), MAX_VALUE);
        List<SavedKey> keys = read(first);
        assertEquals(keys, read(BackupReader.again(new ByteArrayInputStream(backup), first)));

        byte[] changed =
                new String(backup, UTF_8).replace("\"n\":1.10", "\"n\":1.11").getBytes(UTF_8);
        BackupReader second = BackupReader.again(new ByteArrayInputStream(changed), first);
        assertThrows(IOException.class, () -> read(second));
    }

    @Test
    void theFormatIsThis() {
        assertEquals(GOLDEN, new String(backup(HEADER, ENTRIES), UTF_8));
    }

    @Test
    void whatWasWrittenIsReadAgainByteForByte() throws IOException {
        byte[] plain = backup(HEADER, ENTRIES);
        List<SavedKey> keys = read(plain);

        for (int i = 0; i < keys.size(); i++) {
            Entry entry = ENTRIES.get(i);
            long ttl = entry.expiresAt() == 0 ? 0 : Math.max(1, entry.expiresAt() - TIME);
            assertEquals(
                    new SavedKey(
                            entry.key(),
                            entry.value(),
                            entry.createRevision(),
                            entry.changeRevision(),
                            entry.version(),
                            ttl,
                            entry.flags(),
                            entry.lockIndex()),
                    keys.get(i));
        }
        assertEquals(ENTRIES.size(), keys.size());
        assertEquals(keys, read(gzip(plain)));
    }

    private static Entry plain(String key, byte[] value, long flags, long lockIndex) {
        return new Entry(Key.of(key), Value.ofBytes(value), 1, 2, 1, 0, Optional.empty(), flags, lockIndex);
    }

    @Test
    void valuesThatAreNoJsonAreReadAgainByteForByte() throws IOException {
        List<Entry> entries = List.of(
                plain("a", "pg1 \"\n\u00e9".getBytes(UTF_8), -1, 3),
                plain("b", new byte[] {(byte) 0xFF, 0}, 0, 0),
                plain("c", new byte[0], 0, 0),
                plain("d", new byte[] {1, 'x'}, 0, 0));
        byte[] backup = backup(new BackupHeader(57, 4, TIME, "3f2a90c1", Prefix.ALL), entries);

        String history = "\"create_revision\":1,\"change_revision\":2,\"version\":1";
        assertEquals(
                List.of(
                        "{\"key\":\"a\",\"value\":\"pg1 \\\"\\n\u00e9\",\"content\":\"text\"," + history
                                + ",\"flags\":18446744073709551615,\"lock_index\":3}",
                        "{\"key\":\"b\",\"value\":\"/wA=\",\"content\":\"base64\"," + history + "}",
                        "{\"key\":\"c\",\"value\":\"\",\"content\":\"text\"," + history + "}",
                        "{\"key\":\"d\",\"value\":\"AXg=\",\"content\":\"base64\"," + history + "}"),
                new String(backup, UTF_8).lines().skip(1).limit(4).toList());
        assertEquals(
                entries.stream()
                        .map(entry ->
                                new SavedKey(entry.key(), entry.value(), 1, 2, 1, 0, entry.flags(), entry.lockIndex()))
                        .toList(),
                read(backup));
    }

    @Test
    void aValueThatIsNotWhatItIsSaidToBeIsNamed() {
        String one = line("a").replace(":1,\"create", ":\"?\",\"content\":\"base64\",\"create");
        assertRefused("line 2 of the backup: its value is no base64", header(1) + one, 1);
        assertRefused(
                "line 2 of the backup: its content is neither text nor base64",
                header(1) + one.replace("base64", "hex"),
                1);
        assertRefused(
                "line 2 of the backup: its value has a content and is no string",
                header(1) + one.replace("\"?\"", "1"),
                1);
        assertRefused(
                "line 2 of the backup: its flags are no number of 64 bits",
                header(1) + line("a").replace("}", ",\"flags\":18446744073709551616}"),
                1);
    }

    @Test
    void othersReadItsGzipAndItReadsTheirs() throws IOException {
        byte[] plain = backup(HEADER, ENTRIES);
        ByteArrayOutputStream theirs = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(theirs)) {
            gzip.write(plain);
        }

        assertArrayEquals(plain, new GZIPInputStream(new ByteArrayInputStream(gzip(plain))).readAllBytes());
        assertEquals(ENTRIES.size(), read(theirs.toByteArray()).size());
    }

    @Test
    void oneThatIsCutShortAnywhereIsRefused() {
        for (byte[] whole : List.of(backup(HEADER, ENTRIES), gzip(backup(HEADER, ENTRIES)))) {
            for (int length = 0; length < whole.length; length++) {
                refusal(Arrays.copyOf(whole, length));
            }
        }
    }

    /** But for bits of gzip that say when and by what it was made, or fill a byte: what is read then is right. */
    @Test
    void oneWithAnyBitFlippedIsRefused() throws IOException {
        byte[] plain = backup(HEADER, ENTRIES);
        List<SavedKey> right = read(plain);
        for (byte[] whole : List.of(plain, gzip(plain))) {
            for (int bit = 0; bit < 8 * whole.length; bit++) {
                byte[] flipped = whole.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                try {
                    List<SavedKey> keys = read(flipped);
                    if (whole == plain || !keys.equals(right)) {
                        fail("bit " + bit % 8 + " of byte " + bit / 8 + " may be another");
                    }
                } catch (KvException e) {
                    assertEquals(Code.INVALID, e.code());
                }
            }
        }
    }

    @Test
    void nothingMayFollow() {
        byte[] plain = backup(HEADER, ENTRIES);

        assertRefused("line 7 of the backup: nothing may follow the line with the SHA-256", joined(plain, plain));
        assertRefused(
                "line 7 of the backup: nothing may follow the line with the SHA-256", joined(plain, new byte[] {'\n'}));
        assertRefused(
                "line 6 of the backup: something follows its end: the backup is damaged",
                joined(gzip(plain), new byte[] {0}));
    }

    @Test
    void aLineThatIsTwiceThereOrOutOfOrderIsNamedAlsoWhenTheHashIsRight() {
        assertRefused(
                "line 4 of the backup: its key is that of the line before",
                header(3) + line("a") + line("b") + line("b"),
                3);
        assertRefused(
                "line 3 of the backup: its key belongs before that of the line before",
                header(2) + line("b") + line("a"),
                2);
        assertRefused(
                "line 4 of the backup: there are 2 keys, and the first line tells of 3",
                header(3) + line("a") + line("b"),
                2);
    }

    @Test
    void whatCannotBeIsNamed() {
        assertRefused(
                "line 1 of the backup: its format is raftkv-backup/2, and this version of raftkv reads raftkv-backup/1:"
                        + " restore it with a version that knows it",
                "{\"format\":\"raftkv-backup/2\",\"new\":1}\n",
                0);
        assertTrue(refusal("{\"key\":\"k\",\"value\":1}\n".getBytes(UTF_8))
                .getMessage()
                .startsWith("line 1 of the backup: unknown field \"key\""));
        assertTrue(refusal("{\"format\":\"other/1\"}\n".getBytes(UTF_8))
                .getMessage()
                .startsWith("line 1 of the backup: this is not the beginning of a raftkv backup"));
        assertRefused(
                "line 2 of the backup: its change_revision is higher than the revision of the first line",
                header(1) + line("a").replace("2", "10"),
                1);
        assertRefused(
                "line 2 of the backup: its key was changed before it was created",
                header(1) + line("a").replace("\"create_revision\":1", "\"create_revision\":3"),
                1);
        assertRefused(
                "line 2 of the backup: its key begins or ends with white space, which no key does",
                header(1) + line(" a"),
                1);
        assertRefused(
                "line 2 of the backup: its value has 1025 bytes, and this cluster takes 1024 (RAFT_MAX_VALUE_BYTES)",
                header(1) + line("a").replace(":1,\"create", ":\"" + "x".repeat(1023) + "\",\"create"),
                1);
        assertRefused(
                "line 2 of the backup: it has more than 10240 bytes, which no line of this cluster has",
                header(1) + line("a".repeat(20_000)),
                1);
    }
}

package dev.raftkv.launch;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Finds out whether a backup in a file is whole: by the number of its lines and the SHA-256 of them, which its last line tells.
 * The node looks at each line besides.
 */
final class BackupFile {
    private static final int STEP = 64 * 1024;

    /** More than the last line has. */
    private static final int HEAD = 256;

    private static final Pattern LAST = Pattern.compile("\\{\"keys\":(\\d{1,18}),\"sha256\":\"([0-9a-f]{64})\"}\n");

    private final MessageDigest read;
    private final ByteArrayOutputStream head = new ByteArrayOutputStream(HEAD);
    private byte[] allBeforeLine = {};
    private byte[] allBeforeNext = {};
    private byte[] line = {};
    private long lines;
    private boolean ended;

    private BackupFile() throws NoSuchAlgorithmException {
        this.read = MessageDigest.getInstance("SHA-256");
    }

    /**
     * How many keys are in it.
     *
     * @param file plain or gzip
     * @throws LaunchException if it is not whole
     */
    static long keysOf(Path file) throws LaunchException, IOException {
        try (InputStream in = open(file)) {
            BackupFile backup = new BackupFile();
            byte[] step = new byte[STEP];
            for (int count = in.read(step); count >= 0; count = in.read(step)) {
                backup.add(step, count);
            }
            return backup.keys(file);
        } catch (EOFException | ZipException e) {
            throw damaged(file, e.getMessage());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each JDK has SHA-256", e);
        }
    }

    private static InputStream open(Path file) throws IOException {
        InputStream plain = new BufferedInputStream(Files.newInputStream(file), STEP);
        plain.mark(1);
        int first = plain.read();
        plain.reset();
        return first == 0x1f ? new GZIPInputStream(plain, STEP) : plain;
    }

    private void add(byte[] text, int length) {
        int from = 0;
        for (int i = 0; i < length; i++) {
            if (text[i] == '\n') {
                take(text, from, i + 1 - from);
                endLine();
                from = i + 1;
            }
        }
        take(text, from, length - from);
    }

    private void take(byte[] text, int from, int length) {
        read.update(text, from, length);
        head.write(text, from, Math.min(length, HEAD - head.size()));
        ended &= length == 0;
    }

    private void endLine() {
        lines++;
        ended = true;
        line = head.toByteArray();
        head.reset();
        allBeforeLine = allBeforeNext;
        allBeforeNext = soFar();
    }

    private byte[] soFar() {
        try {
            return ((MessageDigest) read.clone()).digest();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
        }
    }

    private long keys(Path file) throws LaunchException {
        Matcher last = LAST.matcher(new String(line, StandardCharsets.UTF_8));
        if (!ended || !last.matches()) {
            throw damaged(file, "it does not end with the line that has the SHA-256");
        }
        if (!last.group(2).equals(HexFormat.of().formatHex(allBeforeLine))
                || !last.group(1).equals(Long.toString(lines - 2))) {
            throw damaged(file, "the SHA-256 or the number of its lines is another than its last line says");
        }
        return lines - 2;
    }

    private static LaunchException damaged(Path file, String reason) {
        return new LaunchException(
                LaunchException.EXIT_FAILED, file + " is no whole backup: " + reason + ". Make it again");
    }
}

package dev.raftkv.rest.backup;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Reads one file of RFC 1952. That of the JDK takes what follows such a file for another one, or passes over it; here nothing
 * may follow.
 */
final class Gunzip extends InputStream {
    private static final int STEP = 16 * 1024;
    private static final int CHECKSUM = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;

    private final InputStream in;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 sum = new CRC32();
    private final byte[] step = new byte[STEP];
    private int from;
    private int to;
    private boolean begun;
    private boolean ended;

    Gunzip(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (!begun) {
            begun = true;
            passHead();
        }
        if (ended || length == 0) {
            return ended ? -1 : 0;
        }
        try {
            int count = inflater.inflate(target, offset, length);
            while (count == 0 && !inflater.finished()) {
                if (inflater.needsDictionary()) {
                    throw new ZipException("it needs a dictionary");
                }
                if (from == to) {
                    fill();
                }
                inflater.setInput(step, from, to - from);
                from = to;
                count = inflater.inflate(target, offset, length);
            }
            if (count > 0) {
                sum.update(target, offset, count);
                return count;
            }
        } catch (DataFormatException e) {
            ZipException damaged = new ZipException("its compressed data is damaged");
            damaged.initCause(e);
            throw damaged;
        }
        ended = true;
        checkTail();
        return -1;
    }

    private void fill() throws IOException {
        from = 0;
        to = Math.max(0, in.read(step));
        if (to == 0) {
            throw new EOFException("it is cut short");
        }
    }

    private int octet() throws IOException {
        if (from == to) {
            fill();
        }
        return step[from++] & 0xFF;
    }

    private void pass(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            octet();
        }
    }

    private void passHead() throws IOException {
        if (octet() != 0x1f || octet() != 0x8b || octet() != 8) {
            throw new ZipException("it is not in the format of gzip");
        }
        int flags = octet();
        pass(6);
        if ((flags & EXTRA) != 0) {
            int low = octet();
            pass(low | octet() << 8);
        }
        if ((flags & NAME) != 0) {
            passText();
        }
        if ((flags & COMMENT) != 0) {
            passText();
        }
        if ((flags & CHECKSUM) != 0) {
            pass(2);
        }
    }

    private void passText() throws IOException {
        int octet = octet();
        while (octet != 0) {
            octet = octet();
        }
    }

    private void checkTail() throws IOException {
        from = to - inflater.getRemaining();
        long length = inflater.getBytesWritten();
        if (number() != sum.getValue() || number() != (length & 0xFFFFFFFFL)) {
            throw new ZipException("its compressed data is damaged");
        }
        if (from < to || in.read() >= 0) {
            throw new ZipException("something follows its end");
        }
    }

    private long number() throws IOException {
        return octet() | octet() << 8 | octet() << 16 | (long) octet() << 24;
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }
}

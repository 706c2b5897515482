package dev.raftkv.rest.backup;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Compresses a text piece by piece into the format of RFC 1952. It is fast rather than thorough. Belongs to one thread at a time. */
final class Gzip implements AutoCloseable {
    private static final byte[] HEAD = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 255};
    private static final int STEP = 16 * 1024;

    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    private final CRC32 sum = new CRC32();
    private final byte[] step = new byte[STEP];
    private boolean begun;

    /**
     * What can be said by now; may be empty.
     *
     * @param last whether nothing follows this text
     */
    byte[] compress(byte[] text, boolean last) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(STEP);
        if (!begun) {
            begun = true;
            out.writeBytes(HEAD);
        }
        sum.update(text);
        deflater.setInput(text);
        if (last) {
            deflater.finish();
        }
        while (last ? !deflater.finished() : !deflater.needsInput()) {
            out.write(step, 0, deflater.deflate(step));
        }
        if (last) {
            out.writeBytes(ByteBuffer.allocate(2 * Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt((int) sum.getValue())
                    .putInt((int) deflater.getBytesRead())
                    .array());
        }
        return out.toByteArray();
    }

    /** Its memory is not the heap's. */
    @Override
    public void close() {
        deflater.end();
    }
}

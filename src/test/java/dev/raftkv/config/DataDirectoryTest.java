package dev.raftkv.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class DataDirectoryTest {
    /** What {@code LANG=C} makes of {@code --data dätä}. */
    @Test
    void aNameThatJavaCannotWriteIsToldToBeThat() {
        assertEquals(
                ", whose name this Java can write: it has been started for names in ANSI_X3.4-1968, which lacks a character"
                        + " of it; start it with LC_ALL=C.UTF-8",
                DataDirectory.unwritable("d\ufffd\ufffdt\ufffd\ufffd", "ANSI_X3.4-1968"));
        assertEquals("", DataDirectory.unwritable("a\0b", "ANSI_X3.4-1968"));
        assertEquals("", DataDirectory.unwritable("d\u00e4t\u00e4\0", "UTF-8"));
    }
}

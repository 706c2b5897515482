package dev.raftkv.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

final class MainTest {
    private static final int CLASS_FILE_OF_JAVA_8 = 52;

    @Test
    void anOldJavaCanReadTheClass() throws IOException {
        try (InputStream file = Main.class.getResourceAsStream("Main.class");
                DataInputStream data = new DataInputStream(file)) {
            assertEquals(0xCAFEBABE, data.readInt());
            data.readUnsignedShort();
            assertEquals(CLASS_FILE_OF_JAVA_8, data.readUnsignedShort());
        }
    }

    @Test
    void anOldJavaIsToldWhichOneIsNeeded() {
        assertEquals(
                "raftkv needs Java 17 or newer, and this is Java 8 in /opt/java.", Main.refusal("1.8", "/opt/java"));
        assertEquals(
                "raftkv needs Java 17 or newer, and this is Java 16 in /opt/java.", Main.refusal("16", "/opt/java"));
        assertEquals("", Main.refusal("17", "/opt/java"));
        assertEquals("", Main.refusal(System.getProperty("java.specification.version"), "/opt/java"));
    }
}

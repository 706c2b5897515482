package dev.raftkv.lab.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SmallDiskTest {
    @TempDir
    Path directory;

    @Test
    void itIsFilledToALimitAndToTheLastByteAndEmptied() throws IOException {
        SmallDisk.obstacle().ifPresent(why -> Assumptions.abort("no small disk: " + why));
        Path place = directory.resolve("disk");
        try (SmallDisk disk = SmallDisk.mount(place, 8)) {
            Files.writeString(place.resolve("data"), "kept");
            disk.fill(1 << 20);
            assertTrue(disk.free() <= 1 << 20 && disk.free() > 1 << 19, "free: " + disk.free());
            Files.write(place.resolve("more"), new byte[10_000]);

            disk.fill(0);
            assertEquals(0, disk.free());
            assertThrows(IOException.class, () -> Files.write(place.resolve("even-more"), new byte[10_000]));

            disk.empty();
            Files.write(place.resolve("even-more"), new byte[10_000]);
            assertEquals("kept", Files.readString(place.resolve("data")));
        }
        assertFalse(Files.exists(place.resolve("data")));
    }

    @Test
    void whatARunLeftBehindThatDiedIsUnmountedAndNoOther() throws Exception {
        SmallDisk.obstacle().ifPresent(why -> Assumptions.abort("no small disk: " + why));
        Process died = new ProcessBuilder("true").start();
        died.waitFor();
        Path left = Files.createDirectory(directory.resolve("left"));
        Shell.run("mount", "-t", "tmpfs", "-o", "size=1m", "raftkv-lab-" + died.pid(), left.toString());
        Files.writeString(left.resolve("data"), "lost");
        try (SmallDisk ours = SmallDisk.mount(directory.resolve("ours"), 1)) {
            SmallDisk.removeLeftovers();
            assertFalse(Files.exists(left.resolve("data")));
            assertTrue(ours.free() > 0);
        }
    }
}

package dev.raftkv.lab.fault;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A small file system in memory that can be filled. */
public final class SmallDisk implements AutoCloseable {
    private static final int BLOCK = 4096;
    private static final int MUCH = 1 << 20;
    private static final String FILLER = "filler";
    /** And the pid of the run, so that the next run can tell what is left behind. */
    private static final String DEVICE = "raftkv-lab-";

    private static final Path MOUNTS = Path.of("/proc/mounts");

    private final Path place;

    private SmallDisk(Path place) {
        this.place = place;
    }

    /** Why it cannot be made here, if so. */
    public static Optional<String> obstacle() {
        if (!Shell.isRoot()) {
            return Optional.of("a tmpfs needs root");
        }
        try {
            Path probe = Files.createTempDirectory("raftkv-lab-disk");
            try {
                mount(probe, 1).close();
                return Optional.empty();
            } finally {
                Files.delete(probe);
            }
        } catch (IOException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** Mounts it at a directory, which is made. */
    public static SmallDisk mount(Path place, int megabytes) throws IOException {
        Files.createDirectories(place);
        String device = DEVICE + ProcessHandle.current().pid();
        Shell.run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", device, place.toString());
        return new SmallDisk(place);
    }

    /** Unmounts what runs that have died left behind. */
    public static void removeLeftovers() throws IOException {
        if (!Files.exists(MOUNTS)) {
            return;
        }
        for (String line : Files.readAllLines(MOUNTS)) {
            String[] words = line.split(" ");
            if (words[0].matches(DEVICE + "[0-9]+")
                    && ProcessHandle.of(Long.parseLong(words[0].substring(DEVICE.length())))
                            .isEmpty()) {
                Shell.run("umount", "-l", words[1]);
            }
        }
    }

    /** Fills it until so many bytes are free; 0 is to the last one. */
    public void fill(long leave) throws IOException {
        byte[] much = new byte[MUCH];
        Path filler = place.resolve(FILLER);
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (free() > leave + MUCH) {
                out.write(much);
            }
            while (free() > leave) {
                out.write(much, 0, BLOCK);
            }
        } catch (IOException e) {
            if (free() > BLOCK) {
                throw e;
            }
        }
    }

    /** What can be written still. */
    public long free() throws IOException {
        return Files.getFileStore(place).getUsableSpace();
    }

    /** Takes away what {@link #fill} has put there. */
    public void empty() throws IOException {
        Files.deleteIfExists(place.resolve(FILLER));
    }

    /** All that is in there is lost. */
    @Override
    public void close() throws IOException {
        Shell.run("umount", "-l", place.toString());
    }
}

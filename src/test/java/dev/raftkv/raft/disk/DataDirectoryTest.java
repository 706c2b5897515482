package dev.raftkv.raft.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.raftkv.model.Address;
import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.raft.ratis.PeerName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    private static final PeerName NODE = new PeerName("node1", new Address("127.0.0.1", 1111));
    private static final UUID GROUP = new UUID(1, 2);
    private static final UUID OTHER = new UUID(3, 4);

    @TempDir
    private Path root;

    private Birth open(PeerName name, boolean asks) {
        try (DataDirectory directory = new DataDirectory(root, name)) {
            return directory.open(asks);
        }
    }

    private Birth open(boolean asks) {
        return open(NODE, asks);
    }

    private void marker(String stage, String... more) throws IOException {
        Files.writeString(
                root.resolve("node.properties"),
                "node=" + NODE + "\ngroup=" + GROUP + "\nstage=" + stage + "\n" + String.join("\n", more));
    }

    private void group(UUID group) throws IOException {
        Files.writeString(Files.createDirectories(root.resolve("raft/" + group)).resolve("log"), "data");
    }

    private List<String> in(String directory) throws IOException {
        if (!Files.exists(root.resolve(directory))) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(root.resolve(directory))) {
            return found.map(path -> path.getFileName().toString().substring(0, 36))
                    .toList();
        }
    }

    /** All that is in it is out of their reach by that, whatever rights its files have. */
    @Test
    void otherUsersOfTheMachineHaveNoRightsToIt() throws IOException {
        assumeTrue(root.getFileSystem().supportedFileAttributeViews().contains("posix"));
        Path made = root.resolve("of/its/own");
        openAt(made);
        assertEquals("rwx------", rights(made));

        Path empty = withRights(Files.createDirectory(root.resolve("empty")), "rwxrwxr-x");
        openAt(empty);
        assertEquals("rwx------", rights(empty));

        openAt(withRights(made, "rwxr-xr-x"));
        assertEquals("rwx------", rights(made));
    }

    /** Somebody may have named the home directory, or that for temporary files. */
    @Test
    void aDirectoryWithFilesOfOthersStaysOpenToThemUntilItIsANodes() throws IOException {
        assumeTrue(root.getFileSystem().supportedFileAttributeViews().contains("posix"));
        withRights(root, "rwxr-x--x");
        Files.writeString(root.resolve("letter.txt"), "Dear Sir");
        openAt(root);
        assertEquals("rwxr-x--x", rights(root));
    }

    private static void openAt(Path directory) {
        try (DataDirectory opened = new DataDirectory(directory, NODE)) {
            opened.open(false);
        }
    }

    private static Path withRights(Path directory, String rights) throws IOException {
        return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(rights));
    }

    private static String rights(Path directory) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory));
    }

    @Test
    void aStepIsThereAfterARestart() {
        try (DataDirectory directory = new DataDirectory(root, NODE)) {
            directory.open(true);
            directory.move(birth -> birth.enters(GROUP));
        }
        assertEquals(new Birth(Stage.ENTERING, GROUP, Stage.ASKING), open(true));
        assertEquals(new Birth(Stage.ENTERING, GROUP, Stage.ASKING), open(false));
    }

    @Test
    void theFilesOfTheFirstVersionAreRead() throws IOException {
        group(GROUP);
        marker("member");
        assertEquals(new Birth(Stage.MEMBER, GROUP, Stage.FOUNDING), open(false));
        assertEquals(List.of(GROUP.toString()), in("raft"));
        marker("detached");
        assertEquals(Stage.REMOVED, open(true).stage());
        assertEquals(List.of(GROUP.toString()), in("archive"));
        group(GROUP);
        marker("founding");
        assertEquals(new Birth(Stage.FOUNDING, GROUP, Stage.FOUNDING), open(false));
        assertEquals(List.of(), in("raft"));
    }

    @Test
    void whatWasNotFoundedBeginsAnewAsTheListSays() {
        Stage stage = open(false).stage();
        assertEquals(Stage.FOUNDING, stage);
        assertEquals(Stage.ASKING, open(true).stage());
        assertEquals(Stage.FOUNDING, open(false).stage());
    }

    @Test
    void aGroupThatTheNodeHasLeftIsMovedAside() throws IOException {
        group(GROUP);
        group(OTHER);
        marker("entering", "before=asking");
        open(true);
        assertEquals(List.of(GROUP.toString()), in("raft"));
        assertEquals(List.of(OTHER.toString()), in("archive"));
    }

    @Test
    void aFirstStartThatWentWrongClaimsNothing() {
        open(false);
        PeerName right = new PeerName("node2", new Address("127.0.0.1", 1112));
        assertEquals(Stage.FOUNDING, open(right, false).stage());
    }

    @Test
    void aMembersDirectoryIsForThatMemberAlone() throws IOException {
        group(GROUP);
        marker("member");
        PeerName wrong = new PeerName("node2", new Address("127.0.0.1", 1112));
        IllegalStateException refusal = assertThrows(IllegalStateException.class, () -> open(wrong, false));
        assertTrue(refusal.getMessage().contains("belongs to node node1 at 127.0.0.1:1111"), refusal.getMessage());
    }

    @Test
    void anEmptyMarkerIsRefusedWithAWayOutThatWorks() throws IOException {
        group(GROUP);
        Files.writeString(root.resolve("node.properties"), "");
        String refusal =
                assertThrows(IllegalStateException.class, () -> open(false)).getMessage();
        assertTrue(refusal.contains(root.resolve("node.properties").toString()), refusal);
        String lines = refusal.substring(refusal.indexOf(": node=") + 2).replace(", ", "\n");
        Files.writeString(root.resolve("node.properties"), lines);
        assertEquals(Stage.MEMBER, open(false).stage());
        Files.delete(root.resolve("node.properties"));
        refusal = assertThrows(IllegalStateException.class, () -> open(false)).getMessage();
        assertTrue(refusal.contains("stage=member"), refusal);
    }

    @Test
    void dataThatIsGoneStopsAMemberAndNobodyElse() throws IOException {
        marker("member");
        String refusal =
                assertThrows(IllegalStateException.class, () -> open(false)).getMessage();
        assertTrue(refusal.contains("the data of node node1 is gone"), refusal);
        marker("entering");
        assertEquals(Stage.ENTERING, open(false).stage());
        assertFalse(Files.exists(root.resolve("archive")));
    }
}

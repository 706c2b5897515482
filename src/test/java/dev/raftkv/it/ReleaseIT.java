package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Build;
import dev.raftkv.testkit.FileTree;
import dev.raftkv.testkit.Tool;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the build has made for people to download. */
final class ReleaseIT {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final List<String> SOURCES = List.of(
            "pom.xml",
            ".mvn",
            "src/main",
            "src/client",
            "src/assembly",
            "deploy",
            "CHANGELOG.md",
            "LICENSE",
            "README.md",
            "SECURITY.md");

    private final Path release = Build.server("release.directory");
    private final String name = System.getProperty("release.name");

    @Test
    void whatPeopleDownloadIsWholeAndIsWhatWasTested() throws IOException {
        Set<String> downloads = Set.of(
                name + ".war",
                name + "-client.jar",
                name + "-deploy.tar.gz",
                name + ".cdx.json",
                name + "-notes.md",
                "SHA256SUMS");
        assertEquals(downloads, files(release).keySet());
        Map<String, String> sums = new TreeMap<>();
        for (String line : Files.readAllLines(release.resolve("SHA256SUMS"))) {
            sums.put(line.substring(66), line.substring(0, 66));
        }
        Map<String, String> digests = new TreeMap<>();
        for (Map.Entry<String, Path> file : files(release).entrySet()) {
            if (!file.getKey().equals("SHA256SUMS")) {
                digests.put(file.getKey(), digest(Files.readAllBytes(file.getValue())) + "  ");
            }
        }
        assertEquals(digests, sums);

        assertSame(Build.war(), release.resolve(name + ".war"));
        assertSame(Build.clientJar(), release.resolve(name + "-client.jar"));
        assertClientJar();
        try (ZipFile war = new ZipFile(Build.war().toFile());
                InputStream list = war.getInputStream(war.getEntry("META-INF/sbom/raftkv.cdx.json"))) {
            assertEquals(digest(list.readAllBytes()), digest(Files.readAllBytes(release.resolve(name + ".cdx.json"))));
        }
        assertNotes(Files.readString(release.resolve(name + "-notes.md")));
        assertDeployFiles();
    }

    /** Made elsewhere, with other rights for new files, in another time zone and another language. */
    @Test
    @Timeout(330)
    void aSecondBuildGivesTheSameBytes() throws IOException {
        Path copy = Build.directory("second build");
        for (String source : SOURCES) {
            Path from = Build.source(source);
            Path to = copy.resolve(source);
            Files.createDirectories(to.getParent());
            FileTree.copy(from, to);
        }
        Path maven = Path.of(System.getProperty("maven.home"), "bin", "mvn");
        List<String> words = new ArrayList<>(List.of("sh", "-c"));
        words.add(
                "chmod -R go= . && umask 077 && export TZ=Pacific/Auckland LC_ALL=C JAVA_HOME=\"$1\" && shift && exec \"$@\"");
        words.addAll(List.of("sh", System.getProperty("java.home"), maven.toString(), "-B", "-q"));
        if (System.getProperty("maven.network").equals("offline=true")) {
            words.add("-o");
        }
        words.add("-Dmaven.repo.local=" + System.getProperty("maven.repository"));
        // It looks at the code and changes nothing of it, which takes longer than all the rest.
        words.add("-Derror-prone.argument=-nowarn");
        words.addAll(List.of("-Dmaven.test.skip=true", "package"));
        Tool.Result result = Tool.run(LIMIT, copy, "", words);
        assertEquals(0, result.exit(), result::output);

        Map<String, Path> first = files(release);
        Map<String, Path> second = files(copy.resolve("target/release"));
        assertEquals(first.keySet(), second.keySet());
        // The smaller ones first: their difference is the easier to look at.
        for (String file : List.of(
                name + "-notes.md", name + ".cdx.json", name + "-client.jar", name + "-deploy.tar.gz", name + ".war")) {
            assertSame(first.get(file), second.get(file));
        }
        assertSame(first.get("SHA256SUMS"), second.get("SHA256SUMS"));
        FileTree.delete(copy);
    }

    /** The client alone, which no node carries. */
    private static void assertClientJar() throws IOException {
        try (ZipFile jar = new ZipFile(Build.clientJar().toFile());
                ZipFile war = new ZipFile(Build.war().toFile())) {
            List<String> classes = jar.stream()
                    .map(ZipEntry::getName)
                    .filter(entry -> entry.endsWith(".class"))
                    .toList();
            assertTrue(classes.contains("dev/raftkv/client/RaftkvClient.class"), classes::toString);
            assertTrue(classes.stream().allMatch(entry -> entry.startsWith("dev/raftkv/client/")), classes::toString);
            assertTrue(
                    war.stream().noneMatch(entry -> entry.getName().contains("raftkv/client")),
                    "the WAR has the client");
        }
    }

    /** The section about this version, and no other. */
    private void assertNotes(String notes) throws IOException {
        String version = name.substring(name.indexOf('-') + 1);
        assertTrue(notes.startsWith("## " + version), notes);
        assertEquals(1, notes.lines().filter(line -> line.startsWith("## ")).count(), notes);
        String changes = Files.readString(Build.source("CHANGELOG.md"));
        int begin = changes.indexOf(notes);
        assertTrue(begin > 0, "CHANGELOG.md does not say this: " + notes);
        String after = changes.substring(begin + notes.length()).strip();
        assertTrue(
                after.isEmpty() || after.startsWith("## "), () -> "CHANGELOG.md goes on, the notes do not: " + after);
    }

    private void assertDeployFiles() throws IOException {
        Path unpacked = Files.createDirectories(Build.directory("release"));
        Tool.Result result = Tool.run(
                unpacked,
                "",
                "tar",
                "-xzf",
                release.resolve(name + "-deploy.tar.gz").toString());
        assertEquals(0, result.exit(), result::output);
        Path deploy = unpacked.resolve(name).resolve("deploy");
        Map<String, Path> originals = files(Build.deploy());
        originals.keySet().removeIf(file -> file.startsWith("docker/secrets/"));
        assertFalse(originals.isEmpty());
        assertEquals(originals.keySet(), files(deploy).keySet());
        for (Map.Entry<String, Path> file : originals.entrySet()) {
            assertSame(file.getValue(), deploy.resolve(file.getKey()));
        }
        FileTree.delete(unpacked);
    }

    private static Map<String, Path> files(Path directory) throws IOException {
        Map<String, Path> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(directory)) {
            walk.filter(Files::isRegularFile)
                    .forEach(file -> files.put(directory.relativize(file).toString(), file));
        }
        return files;
    }

    private static void assertSame(Path one, Path other) throws IOException {
        long difference = Files.mismatch(one, other);
        assertEquals(
                -1,
                difference,
                () -> one + " and " + other + " differ at byte " + difference
                        + "; if classes were removed since the last mvn clean, they are in the first alone");
    }

    private static String digest(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

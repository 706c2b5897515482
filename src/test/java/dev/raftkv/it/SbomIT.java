package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.raftkv.testkit.Build;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** The list of what the WAR contains, in the WAR. */
final class SbomIT {
    private static final String REMEDY = "the list is not about this WAR: write it anew with mvn cyclonedx:makeBom";

    /** Libraries of the node and of its server, each with its version, to the last bit. */
    @Test
    void theListInTheWarIsAboutTheLibrariesInIt() throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (ZipFile war = new ZipFile(Build.war().toFile())) {
            for (ZipEntry entry : Collections.list(war.entries())) {
                if (entry.getName().endsWith(".jar")) {
                    try (InputStream content = war.getInputStream(entry)) {
                        found.put(
                                entry.getName().substring(entry.getName().lastIndexOf('/') + 1),
                                digest(content.readAllBytes()));
                    }
                }
            }
            assertTrue(found.size() > 30, found::toString);
            JsonNode list;
            try (InputStream content = war.getInputStream(war.getEntry("META-INF/sbom/raftkv.cdx.json"))) {
                list = new JsonMapper().readTree(content);
            }
            assertEquals(found, listed(list), REMEDY);
            assertAboutRaftkv(war, list);
        }
    }

    private static Map<String, String> listed(JsonNode list) {
        Map<String, String> listed = new TreeMap<>();
        for (JsonNode component : list.path("components")) {
            String file = component.path("name").asText() + "-"
                    + component.path("version").asText() + ".jar";
            for (JsonNode hash : component.path("hashes")) {
                if (hash.path("alg").asText().equals("SHA-256")) {
                    listed.put(file, hash.path("content").asText());
                }
            }
        }
        return listed;
    }

    /** A number or a time of its own would make another WAR of each build. */
    private static void assertAboutRaftkv(ZipFile war, JsonNode list) throws IOException {
        assertEquals("CycloneDX", list.path("bomFormat").asText());
        assertTrue(list.path("serialNumber").isMissingNode());
        assertTrue(list.at("/metadata/timestamp").isMissingNode());
        assertEquals("raftkv", list.at("/metadata/component/name").asText());
        try (InputStream manifest = war.getInputStream(war.getEntry("META-INF/MANIFEST.MF"))) {
            String version = new Manifest(manifest).getMainAttributes().getValue("Implementation-Version");
            assertEquals(version, list.at("/metadata/component/version").asText(), REMEDY);
        }
    }

    private static String digest(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

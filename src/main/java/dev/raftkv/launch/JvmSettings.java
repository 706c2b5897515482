package dev.raftkv.launch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/**
 * The system properties that a JVM with a node should have, for one that was started without deploy/jvm.options. The launcher
 * may set what holds for the whole JVM, because nobody else lives in it.
 */
final class JvmSettings {
    /** deploy/jvm.options, as it was when the WAR was built. */
    private static final String FILE = "/WEB-INF/launch/jvm.options";

    private static final String PROPERTY = "-D";

    private JvmSettings() {}

    /**
     * Sets those that are not set: too late for the heap, but not for what the JDK reads at its first use. To be called
     * before anything else, so that there has been none.
     */
    static void apply() {
        Properties properties = System.getProperties();
        properties.putIfAbsent("java.util.logging.manager", LaunchLogManager.class.getName());
        try (InputStream file = JvmSettings.class.getResourceAsStream(FILE)) {
            new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))
                    .lines()
                    .filter(line -> line.startsWith(PROPERTY))
                    .map(line -> line.substring(PROPERTY.length()).split("=", 2))
                    .forEach(property -> properties.putIfAbsent(property[0], property[1]));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + FILE, e);
        }
    }
}

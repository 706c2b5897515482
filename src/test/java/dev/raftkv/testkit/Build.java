package dev.raftkv.testkit;

import java.nio.file.Files;
import java.nio.file.Path;

/** What Maven has built and unpacked, by the system properties that pom.xml sets. */
public final class Build {
    /** For JVMs that live for a minute: less compiling, which is most of their start on a small machine. */
    public static final String SHORT_LIFE = "-XX:TieredStopAtLevel=1";

    private Build() {}

    public static Path war() {
        return existing("raftkv.war");
    }

    /** The client for programs. */
    public static Path clientJar() {
        return existing("client.jar");
    }

    /** The directory {@code deploy}. */
    public static Path deploy() {
        return existing("basedir").resolve("deploy");
    }

    /** The JVM switches of a node. */
    public static Path jvmOptions() {
        return deploy().resolve("jvm.options");
    }

    /** A new empty place for what a test's servers write; its name is for the one who looks for a log. */
    public static Path directory(String name) {
        return existing("basedir").resolve("target").resolve("it").resolve(name + "-" + System.nanoTime());
    }

    /** A place below {@code target} that the tests of a build share. */
    public static Path shared(String name) {
        return existing("basedir").resolve("target").resolve(name);
    }

    /** A directory of the sources, from the root of the project. */
    public static Path source(String path) {
        return existing("basedir").resolve(path);
    }

    /** An unpacked server distribution. */
    public static Path server(String property) {
        return existing(property);
    }

    private static Path existing(String property) {
        String value = System.getProperty(property);
        if (value == null || !Files.exists(Path.of(value))) {
            throw new IllegalStateException("The system property " + property + " is " + value
                    + ", which does not exist. Run by Maven: mvn verify -Dit.test=<name>");
        }
        return Path.of(value).toAbsolutePath();
    }
}

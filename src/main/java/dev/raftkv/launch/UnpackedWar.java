package dev.raftkv.launch;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The WAR in a form that classes can be loaded from: the libraries of the server and the web application, in a directory.
 *
 * <p>All classes lie in JAR files, which the JVM keeps open. So a node that has started needs neither the WAR, which an
 * upgrade may overwrite, nor the directory, which a cleaner of temporary files may empty.
 */
final class UnpackedWar {
    private static final String SERVER_LIBRARIES = "WEB-INF/launch/lib/";
    private static final String SERVER_CLASSES = "WEB-INF/launch/classes/";
    private static final String APPLICATION_CLASSES = "WEB-INF/classes/";

    private final Path war;
    private final Path server;
    private final Path application;

    private UnpackedWar(Path war, Path directory) {
        this.war = war;
        this.server = directory.resolve("server");
        this.application = directory.resolve("application");
    }

    /** @param directory empty; belongs to this launch alone */
    static UnpackedWar unpack(Path war, Path directory) throws IOException {
        UnpackedWar unpacked = new UnpackedWar(war, directory);
        unpacked.write();
        return unpacked;
    }

    /** What a web server is given to run. */
    Path application() {
        return application;
    }

    /** Loads the embedded server, which the web application must not see. */
    URLClassLoader serverLoader() throws IOException {
        List<URL> urls = new ArrayList<>();
        try (var jars = Files.newDirectoryStream(server)) {
            for (Path jar : jars) {
                urls.add(jar.toUri().toURL());
            }
        }
        return new URLClassLoader("raftkv-server", urls.toArray(URL[]::new), UnpackedWar.class.getClassLoader());
    }

    private void write() throws IOException {
        Path libraries = application.resolve("WEB-INF").resolve("lib");
        Files.createDirectories(server);
        Files.createDirectories(libraries);
        try (ZipFile zip = new ZipFile(war.toFile());
                JarOutputStream serverClasses = jar(server.resolve("classes.jar"));
                JarOutputStream applicationClasses = jar(libraries.resolve("classes.jar"))) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                String name = entry.getName();
                if (entry.isDirectory() || isLaunchers(name)) {
                    continue;
                }
                try (InputStream content = zip.getInputStream(entry)) {
                    if (name.startsWith(SERVER_LIBRARIES)) {
                        Files.copy(content, server.resolve(name.substring(SERVER_LIBRARIES.length())));
                    } else if (name.startsWith(SERVER_CLASSES)) {
                        add(serverClasses, name.substring(SERVER_CLASSES.length()), content);
                    } else if (name.startsWith(APPLICATION_CLASSES)) {
                        add(applicationClasses, name.substring(APPLICATION_CLASSES.length()), content);
                    } else {
                        Path target = application.resolve(name);
                        Files.createDirectories(target.getParent());
                        Files.copy(content, target);
                    }
                }
            }
        }
    }

    /** What only the launcher needs of the WAR, and has from the WAR itself. */
    private static boolean isLaunchers(String name) {
        return name.startsWith("META-INF/") || name.startsWith("dev/") || name.equals("WEB-INF/launch/jvm.options");
    }

    private static JarOutputStream jar(Path file) throws IOException {
        JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file));
        jar.setLevel(Deflater.NO_COMPRESSION);
        return jar;
    }

    private static void add(JarOutputStream jar, String name, InputStream content) throws IOException {
        jar.putNextEntry(new ZipEntry(name));
        content.transferTo(jar);
        jar.closeEntry();
    }
}

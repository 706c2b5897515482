package dev.raftkv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DeployFilesTest {
    private static final Path DEPLOY = Path.of("deploy");
    private static final String COMMON_POOL = "-Djava.util.concurrent.ForkJoinPool.common.parallelism=";

    @Test
    void theTestsRunWithTheSwitchesOfANode() throws IOException {
        String parallelism = switches(DEPLOY.resolve("jvm.options"), COMMON_POOL);
        assertEquals(
                parallelism.substring(COMMON_POOL.length()),
                System.getProperty("java.util.concurrent.ForkJoinPool.common.parallelism"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"setenv.sh", "setenv.bat"})
    void aSharedTomcatHasTheSameCommonPool(String file) throws IOException {
        Path shared = DEPLOY.resolve("tomcat")
                .resolve("three-contexts")
                .resolve("bin")
                .resolve(file);
        assertEquals(switches(DEPLOY.resolve("jvm.options"), COMMON_POOL), switches(shared, COMMON_POOL));
    }

    @Test
    void everySettingThatAFileNamesExists() throws IOException {
        Set<String> settings = Stream.of(Setting.values()).map(Enum::name).collect(Collectors.toSet());
        List<Path> files;
        try (Stream<Path> walk = Files.walk(DEPLOY)) {
            files = walk.filter(Files::isRegularFile).toList();
        }
        Set<String> named = new TreeSet<>();
        for (Path file : files) {
            named.addAll(matches(Files.readString(file), "\\b(?:RAFT_[A-Z_]+|SERVER_PORT)\\b"));
        }
        assertTrue(named.size() > 4, named::toString);
        named.removeAll(settings);
        assertEquals(Set.of(), named);
    }

    @Test
    void noServerReplacesARunningNodeByItself() throws IOException {
        String tomcat = Files.readString(DEPLOY.resolve("tomcat/one-node/conf/server.xml"));
        assertTrue(tomcat.contains("autoDeploy=\"false\""), tomcat);
        String jetty = Files.readString(DEPLOY.resolve("jetty/base/start.d/raftkv.ini"));
        assertTrue(jetty.contains("jetty.deploy.scanInterval=0\n"), jetty);
    }

    private static String switches(Path file, String start) throws IOException {
        Set<String> found = matches(Files.readString(file), Pattern.quote(start) + "[^\\s\"]+");
        assertEquals(1, found.size(), () -> file + " has " + found);
        return found.iterator().next();
    }

    private static Set<String> matches(String text, String regex) {
        return Pattern.compile(regex)
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toSet());
    }
}

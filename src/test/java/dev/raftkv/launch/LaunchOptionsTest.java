package dev.raftkv.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LaunchOptionsTest {
    @Test
    void aValueStandsBehindASpaceOrAnEqualsSign() throws LaunchException {
        LaunchOptions options =
                LaunchOptions.parse("--port", "2221", "--node-id=node2", "--join=http://a:1,http://b:2/kv");
        assertEquals(Optional.of("2221"), options.value(LaunchOption.PORT));
        assertEquals(Optional.of("node2"), options.value(LaunchOption.NODE_ID));
        assertEquals(Optional.of("http://a:1,http://b:2/kv"), options.value(LaunchOption.JOIN));
        assertEquals(Optional.empty(), options.value(LaunchOption.DATA));
    }

    @Test
    void anOptionWithoutAValueIsThereOrNot() throws LaunchException {
        assertTrue(LaunchOptions.parse("--help").has(LaunchOption.HELP));
        assertFalse(LaunchOptions.parse().has(LaunchOption.HELP));
    }

    @Test
    void aValueMayHoldAnEqualsSign() throws LaunchException {
        assertEquals(
                Optional.of("/data/a=b"),
                LaunchOptions.parse("--data=/data/a=b").value(LaunchOption.DATA));
        assertEquals(
                Optional.of("/data/a=b"),
                LaunchOptions.parse("--data", "/data/a=b").value(LaunchOption.DATA));
    }

    @ParameterizedTest
    @CsvSource({
        "--prot, --port",
        "-port, --port",
        "port=2221, --port",
        "--nodeid, --node-id",
        "--node_id, --node-id",
        "--raftport=1, --raft-port",
        "--date, --data",
        "-help, --help",
        "--context, --context-path",
        "--log, --log-format"
    })
    void aMistypedOptionIsToldTheNearestOne(String wrong, String near) {
        assertTrue(problem(wrong).startsWith(wrong + " is no option: did you mean " + near + "?\n"), problem(wrong));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--xyzzy", "run", "-", "--"})
    void whatIsLikeNoOptionIsToldNone(String wrong) {
        assertTrue(problem(wrong).startsWith(wrong + " is no option\n"), problem(wrong));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--port=0 | --port is 0: give a port from 1 to 65535",
                "--port= | --port is : give a port from 1 to 65535",
                "--raft-port 65536 | --raft-port is 65536: give a port from 1 to 65535",
                "--port --help | --port has no value: give a port from 1 to 65535",
                "--node-id a/b | --node-id is a/b: give 1 to 64 characters of A-Z a-z 0-9 . _ -",
                "--log-format xml | --log-format is xml: give text or json",
                "--context-path kv | --context-path is kv: give a path with a slash in front and none at its end,"
                        + " such as /kv, or / alone",
                "--help=me | --help takes no value, and has me",
                "--port 1 --port 2 | --port is given twice: give it once"
            })
    void aWrongValueIsToldARightOne(String words, String problem) {
        assertEquals(List.of(problem), problems(words.split(" ")));
    }

    @Test
    void allMistakesAreToldAtOnce() {
        assertEquals(
                List.of(
                        "--prot is no option: did you mean --port?",
                        "--raft-port is x: give a port from 1 to 65535",
                        "left is no option"),
                problems("--prot", "2221", "--raft-port", "x", "left"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/kv", "/a/b.c~d_e-f"})
    void aContextPathIsARootOrNamesWithSlashesInFront(String path) {
        assertTrue(LaunchOption.CONTEXT_PATH.accepts(path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "kv", "/kv/", "//", "/a b", "/a//b", "/a?b"})
    void aContextPathIsNothingElse(String path) {
        assertFalse(LaunchOption.CONTEXT_PATH.accepts(path));
    }

    /** Each line but the last, which names the help. */
    private static List<String> problems(String... arguments) {
        List<String> lines = problem(arguments).lines().toList();
        assertEquals("All options: java -jar raftkv.war --help", lines.get(lines.size() - 1));
        return lines.subList(0, lines.size() - 1);
    }

    private static String problem(String... arguments) {
        LaunchException exception = assertThrows(
                LaunchException.class, () -> LaunchOptions.parse(arguments), () -> Arrays.toString(arguments));
        assertEquals(2, exception.exitCode());
        return exception.getMessage();
    }
}

package dev.raftkv.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.StartException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExposureTest {
    private static final String NOT_TOLD = "-";

    /** What is missing is what the sentence tells to set. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # settings                                                       | HTTP listens on | missing
            ''                                                               | 127.0.0.1       | ''
            ''                                                               | ::1             | ''
            ''                                                               | localhost       | ''
            ''                                                               | -               | ''
            RAFT_HOST=localhost                                              | -               | ''
            RAFT_HOST=::1                                                    | -               | ''
            RAFT_HOST=127.0.1.1 RAFT_BIND_HOST=127.0.2.1                     | 127.0.0.1       | ''
            ''                                                               | 0.0.0.0         | RAFT_AUTH
            ''                                                               | 198.18.0.1      | RAFT_AUTH
            ''                                                               | ::              | RAFT_AUTH
            RAFT_BIND_HOST=0.0.0.0                                           | 127.0.0.1       | RAFT_TLS
            RAFT_BIND_HOST=::                                                | 127.0.0.1       | RAFT_TLS
            RAFT_HOST=198.18.0.1                                             | -               | RAFT_AUTH RAFT_TLS
            RAFT_HOST=fd00::1                                                | -               | RAFT_AUTH RAFT_TLS
            RAFT_HOST=nobody.invalid                                         | -               | RAFT_AUTH RAFT_TLS
            RAFT_HOST=198.18.0.1 RAFT_BIND_HOST=127.0.0.1                    | -               | RAFT_AUTH
            RAFT_HOST=198.18.0.1 RAFT_HTTP_ADDRESS=http://127.0.0.1          | -               | RAFT_AUTH RAFT_TLS
            RAFT_HOST=198.18.0.1 RAFT_HTTP_ADDRESS=http://127.0.0.1          | 127.0.0.1       | RAFT_TLS
            RAFT_HTTP_ADDRESS=http://198.18.0.1:8080/kv                      | 127.0.0.1       | RAFT_AUTH
            RAFT_HTTP_ADDRESS=http://[fd00::1]:8080                          | 127.0.0.1       | RAFT_AUTH
            RAFT_HTTP_ADDRESS=http://[::1]:8080                              | 127.0.0.1       | ''
            RAFT_HOST=198.18.0.1 RAFT_TLS=tls                                | -               | RAFT_AUTH
            RAFT_HOST=198.18.0.1 RAFT_AUTH=tokens                            | -               | RAFT_TLS
            RAFT_HOST=198.18.0.1 RAFT_AUTH=container                         | 0.0.0.0         | RAFT_TLS
            RAFT_HOST=198.18.0.1 RAFT_HTTP_ADDRESS=https://kv RAFT_AUTH=tokens RAFT_TLS=tls | 0.0.0.0 | ''
            """)
    void whoeverOthersReachNeedsProtection(String settings, String httpHost, String missing) {
        Map<String, String> given = settings(settings);
        if (missing.isEmpty()) {
            assertEquals(Optional.empty(), exposure(given, httpHost).check());
            given.put("RAFT_INSECURE", "true");
            assertEquals(Optional.empty(), exposure(given, httpHost).check());
            return;
        }
        StartException refusal = assertThrows(
                StartException.class, () -> exposure(given, httpHost).check());
        assertEquals(missing, String.join(" ", told(refusal.getMessage())));
        assertTrue(refusal.getMessage().contains("RAFT_INSECURE to true"), refusal::getMessage);
        given.put("RAFT_INSECURE", "true");
        String warning = exposure(given, httpHost).check().orElseThrow();
        assertTrue(warning.startsWith("this node is not protected, and RAFT_INSECURE says"), warning);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # settings                                                            | HTTP listens on | because
            RAFT_AUTH=tokens                                                      | 127.0.0.1       | ''
            RAFT_AUTH=tokens                                                      | 0.0.0.0         | its HTTP port listens on 0.0.0.0
            RAFT_AUTH=tokens RAFT_HOST=198.18.0.1 RAFT_TLS=tls                    | -               | RAFT_HTTP_ADDRESS is http://198.18.0.1:8080
            RAFT_AUTH=container RAFT_HTTP_ADDRESS=http://kv.invalid/kv            | -               | RAFT_HTTP_ADDRESS is http://kv.invalid/kv
            RAFT_AUTH=container RAFT_HTTP_ADDRESS=HTTPS://kv.invalid/kv           | -               | ''
            RAFT_AUTH=tokens RAFT_HTTP_ADDRESS=https://198.18.0.1                 | 0.0.0.0         | ''
            RAFT_AUTH=tokens RAFT_INSECURE=true                                   | 0.0.0.0         | ''
            """)
    void whoeverAsksForTokensOverPlainHttpIsWarned(String settings, String httpHost, String because) {
        Optional<String> warning = exposure(settings(settings), httpHost).check();
        assertEquals(because.isEmpty(), warning.isEmpty(), warning::toString);
        warning.ifPresent(said -> {
            assertTrue(said.startsWith("others reach this node over HTTP, because " + because + ", "), said);
            assertTrue(said.contains("tokens") && said.contains("RAFT_TLS") && said.contains("RAFT_INSECURE"), said);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # settings                                                            | HTTP listens on | warned
            RAFT_CORS_ORIGINS=*                                                   | 127.0.0.1       | true
            RAFT_CORS_ORIGINS=* RAFT_INSECURE=true                                | 127.0.0.1       | true
            RAFT_CORS_ORIGINS=* RAFT_INSECURE=true                                | 0.0.0.0         | true
            RAFT_CORS_ORIGINS=* RAFT_AUTH=tokens                                  | 127.0.0.1       | false
            RAFT_CORS_ORIGINS=https://app.example                                 | 127.0.0.1       | false
            """)
    void whoeverLetsPagesOfAllSitesDoEverythingIsWarned(String settings, String httpHost, boolean warned) {
        Optional<String> warning = exposure(settings(settings), httpHost).check();
        assertEquals(
                warned,
                warning.filter(said -> said.contains("because RAFT_CORS_ORIGINS is * and RAFT_AUTH is not set"))
                        .isPresent(),
                warning::toString);
    }

    @Test
    void theSentenceSaysWhatIsOpenAndHowToGoOn() {
        StartException refusal = assertThrows(
                StartException.class,
                () -> exposure(settings("RAFT_HOST=198.18.0.1"), NOT_TOLD).check());
        assertEquals(
                "others reach its Raft port, because RAFT_BIND_HOST is 198.18.0.1, and without RAFT_TLS they can read and"
                        + " change everything there; others reach it over HTTP, because RAFT_HTTP_ADDRESS is"
                        + " http://198.18.0.1:8080, and without RAFT_AUTH all of them may do everything. Set RAFT_TLS to a"
                        + " directory with certificates (java -jar raftkv.war certs makes some), and RAFT_AUTH to container,"
                        + " or to a file of tokens (java -jar raftkv.war token makes its lines); or set RAFT_INSECURE to"
                        + " true, if everybody who reaches this node may do everything",
                refusal.getMessage());
    }

    @Test
    void onlyANodeOfWhichNothingIsSaidIsForItsOwnMachine() {
        assertTrue(Exposure.isForThisMachine(config(settings("")).security()));
        for (String said : List.of("RAFT_AUTH=tokens", "RAFT_AUTH=container", "RAFT_INSECURE=true")) {
            assertEquals(false, Exposure.isForThisMachine(config(settings(said)).security()), said);
        }
    }

    /** The settings that are to be set. */
    private static Set<String> told(String refusal) {
        return Pattern.compile("\\b(RAFT_AUTH|RAFT_TLS) to (?:a directory|container)")
                .matcher(refusal)
                .results()
                .map((MatchResult result) -> result.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Exposure exposure(Map<String, String> settings, String httpHost) {
        return new Exposure(config(settings), httpHost.equals(NOT_TOLD) ? Optional.empty() : Optional.of(httpHost));
    }

    private static Map<String, String> settings(String words) {
        Map<String, String> settings = new HashMap<>();
        for (String word : words.split(" ")) {
            if (!word.isEmpty()) {
                settings.put(word.split("=")[0], word.split("=")[1]);
            }
        }
        return settings;
    }

    private static NodeConfig config(Map<String, String> settings) {
        return new ConfigSources(List.of(Source.environment(settings)))
                .load(new Deployment("", Optional.empty(), Path.of("").toAbsolutePath()))
                .node();
    }
}

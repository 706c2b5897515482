package dev.raftkv.launch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.access.Caller;
import dev.raftkv.access.Tokens;
import dev.raftkv.access.UserRole;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TokenCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream error = new ByteArrayOutputStream();

    private String run(String... words) throws LaunchException {
        out.reset();
        error.reset();
        TokenCommand.run(List.of(words), new PrintStream(out, true, UTF_8), new PrintStream(error, true, UTF_8));
        List<String> told = error.toString(UTF_8).lines().toList();
        return told.get(told.size() - 1);
    }

    @Test
    void theLineLetsTheTokenIn() throws LaunchException {
        String token = run("alice", "writer,metrics");
        String line = out.toString(UTF_8);
        assertFalse(line.contains(token), line);
        assertEquals(
                Optional.of(new Caller("alice", Set.of(UserRole.WRITER, UserRole.METRICS))),
                Tokens.parse(line).byToken(token.getBytes(UTF_8)));
        assertTrue(token.matches("[A-Za-z0-9_-]{43}"), token);
        assertNotEquals(token, run("alice", "writer,metrics"));
    }

    @Test
    void itKnowsTheRolesThatThereAre() {
        assertEquals(Arrays.stream(UserRole.values()).map(UserRole::text).toList(), TokenCommand.ROLES);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "alice | token takes a name and its roles",
                "alice reader more | token takes a name and its roles",
                "a:b reader | the name is not good",
                "nobody reader | the name is not good",
                "alice root | \"root\" is no role: give one or more of reader,writer,admin,metrics,node",
                "alice reader, | \"\" is no role",
            })
    void whatIsWrongIsTold(String words, String problem) {
        LaunchException refused = assertThrows(LaunchException.class, () -> run(words.split(" ")));
        assertTrue(refused.getMessage().startsWith(problem), refused::getMessage);
        assertEquals(LaunchException.EXIT_WRONG_USE, refused.exitCode());
    }
}

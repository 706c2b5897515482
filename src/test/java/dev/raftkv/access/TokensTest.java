package dev.raftkv.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.StartException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TokensTest {
    /** SHA-256 of abc, from FIPS 180-2. */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    /** Of nothing. */
    private static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static Optional<Caller> caller(String text, String token) {
        return Tokens.parse(text).byToken(token.getBytes(UTF_8));
    }

    @Test
    void aTokenIsKnownByItsDigest() {
        String file = "# who may what\n\n  alice : writer , metrics : " + ABC.toUpperCase(Locale.ROOT)
                + " \nbob:reader:certificate\n";
        assertEquals(Optional.of(new Caller("alice", Set.of(UserRole.WRITER, UserRole.METRICS))), caller(file, "abc"));
        assertEquals(Optional.empty(), caller(file, "abd"));
        assertEquals(Optional.empty(), caller(file, ABC));
        Tokens tokens = Tokens.parse(file);
        assertEquals(Optional.of(new Caller("bob", Set.of(UserRole.READER))), tokens.byCertificate("bob"));
        assertEquals(Optional.empty(), tokens.byCertificate("alice"));
        assertTrue(tokens.knows("alice") && tokens.knows("bob"));
        assertFalse(tokens.knows("carol"));
    }

    @Test
    void aNameMayHaveTwoTokensWhileItChangesThem() {
        String file = "alice:reader:" + ABC + "\nalice:reader:" + EMPTY;
        assertEquals("alice", caller(file, "abc").orElseThrow().name());
        assertEquals("alice", caller(file, "").orElseThrow().name());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "# nobody | it names nobody: make a line with java -jar raftkv.war token NAME ROLE",
                "a:reader | line 1: it has 2 columns",
                "a:reader:abc:/prefix | line 1: it has 4 columns",
                "a:reader:abc | line 1: the third column is no SHA-256",
                "a:root:certificate | line 1: the second column has a word that is no role: give one or more of reader, writer, admin, metrics, node",
                "a:S3cret:reader | line 1: the second column has a word that is no role",
                "a::certificate | line 1: the second column has a word that is no role",
                "a b:reader:certificate | line 1: the name is not good",
                "nobody:reader:certificate | line 1: the name is not good",
            })
    void whatIsWrongIsToldWithItsLine(String text, String problem) {
        StartException refused = assertThrows(StartException.class, () -> Tokens.parse(text));
        assertTrue(refused.getMessage().startsWith(problem), refused::getMessage);
        assertFalse(refused.getMessage().contains("S3cret"), "a token may stand in the wrong column");
    }

    @Test
    void theSameTokenTwiceIsRefused() {
        String file = "#\na:reader:" + ABC + "\nb:admin:" + ABC;
        StartException refused = assertThrows(StartException.class, () -> Tokens.parse(file));
        assertTrue(refused.getMessage().startsWith("line 3: the same token"), refused::getMessage);
    }
}

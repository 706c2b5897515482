package dev.raftkv.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever fails, by whatever way the request came, the answer is a problem document and tells nothing of the inside. */
@Timeout(60)
class UnexpectedFailureTest {
    @TempDir
    Path directory;

    private RestServer server;

    @BeforeEach
    void start() {
        server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, Way.SHORTCUT);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"/store/k", "/store/k?consistency=linearizable", "/store/k?raw", "/store?prefix=k", "/watch"})
    void aFailureIsAProblemDocumentWithAnId(String target) {
        server.http().post("/store", "{\"key\":\"k\",\"value\":1}");
        assertEquals(200, server.http().get("/store/k").status());
        for (Throwable failure :
                new Throwable[] {new IllegalStateException("secret"), new OutOfMemoryError("secret")}) {
            server.replicator.broken(failure);
            Answer answer = server.http().get(target);
            assertEquals(500, answer.status(), answer::toString);
            assertEquals("application/problem+json", answer.header("content-type"), answer::toString);
            assertTrue(answer.body().contains("error_id"), answer::toString);
            assertFalse(answer.toString().contains("secret"), answer::toString);
            assertFalse(answer.toString().contains("java.lang"), answer::toString);
        }
    }
}

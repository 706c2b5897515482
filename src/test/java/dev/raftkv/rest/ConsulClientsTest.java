package dev.raftkv.rest;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Command;
import dev.raftkv.rest.RestServer.Way;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What libraries ask of Consul is answered by a leader. */
class ConsulClientsTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"ecwid", "kiwi", "go", "npm", "patroni", "python", "spring"})
    void aClientIsAnsweredAsItWasRecorded(String client) throws IOException {
        try (RestServer server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, Way.CONSUL)) {
            server.replicator.replicate(new Command.OfConsul.Open());
            ConsulRecording.of(client).replay(server.http());
        }
    }
}

package dev.raftkv.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.bench.peer.Products;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptionsTest {
    @Test
    void whatIsNotGivenIsAsUsualAndNotPartOfTheCommand() {
        Options options = Options.of(
                List.of("/tmp/run", "peers=", "works=read, failover", "rounds=7", "jvm=-Xmx1g -XX:+UseG1GC"));
        assertEquals(List.of(Products.RAFTKV, Products.ETCD, Products.ZOOKEEPER), options.peers());
        assertEquals(List.of(Work.READ, Work.FAILOVER), options.works());
        assertEquals(List.of(1, 64, 256), options.connections());
        assertEquals(7, options.rounds());
        assertEquals(List.of("-Xmx1g", "-XX:+UseG1GC"), options.jvm());
        assertEquals(
                "mvn -q -Pbench -Dbench.works='read, failover' -Dbench.rounds=7" + " -Dbench.jvm='-Xmx1g -XX:+UseG1GC'",
                options.command());
    }

    @Test
    void otherWarsHaveNames(@TempDir Path directory) throws IOException {
        Path war = Files.createFile(directory.resolve("a.war"));
        Options options = Options.of(List.of("/tmp/run", "wars=old=" + war + " new=" + war));
        assertEquals(List.of("old", "new"), List.copyOf(options.wars().keySet()));
        assertEquals(war, options.wars().get("old"));
        assertEquals(Map.of(), Options.of(List.of("/tmp/run")).wars());
    }

    @Test
    void whatCannotBeIsRefusedWithWhatCould() {
        assertTrue(refusal("works=reed").contains("works has reed: give some of write,linearizable,"));
        assertTrue(refusal("rounds=0").contains("whole numbers from 1 to 1000"));
        assertTrue(refusal("connections=1,many").contains("connections has many"));
        assertTrue(refusal("wars=old").contains("give name=file"));
        assertTrue(refusal("speed=1").contains("there are connections, jvm, keys, "));
    }

    private static String refusal(String option) {
        return assertThrows(IllegalArgumentException.class, () -> Options.of(List.of("/tmp/run", option)))
                .getMessage();
    }
}

package dev.raftkv.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogLevelsTest {
    private final Logger ratis = Logger.getLogger("org.apache.ratis");
    private final Level before = ratis.getLevel();

    @AfterEach
    void putBack() {
        ratis.setLevel(before);
    }

    @Test
    void ratisIsQuiet() {
        ratis.setLevel(null);

        new LogLevels().quieten();

        assertEquals(Level.WARNING, ratis.getLevel());
    }

    @Test
    void configuredLevelStays() {
        ratis.setLevel(Level.FINE);

        new LogLevels().quieten();

        assertEquals(Level.FINE, ratis.getLevel());
    }
}

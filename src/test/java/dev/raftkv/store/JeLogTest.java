package dev.raftkv.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class JeLogTest {
    /** Keeps what the node's log gets. */
    private static final class Recorder extends Handler {
        private final List<String> messages = new ArrayList<>();

        @Override
        public void publish(LogRecord event) {
            messages.add(event.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void warningsReachTheNodesLogAndChatterDoesNot() {
        Logger log = Logger.getLogger(JeLog.class.getName());
        Recorder recorder = new Recorder();
        log.addHandler(recorder);
        log.setUseParentHandlers(false);
        try {
            JeLog handler = new JeLog();
            handler.publish(new LogRecord(Level.SEVERE, "checkpoint failed"));
            handler.publish(new LogRecord(Level.INFO, "checkpoint done"));
        } finally {
            log.setUseParentHandlers(true);
            log.removeHandler(recorder);
        }

        assertEquals(List.of("Berkeley DB JE: checkpoint failed"), recorder.messages);
    }
}

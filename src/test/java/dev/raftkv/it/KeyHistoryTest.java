package dev.raftkv.it;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class KeyHistoryTest {
    private final KeyHistory history = new KeyHistory("key");

    @Test
    void aLostOrRepeatedWriteIsNotAllowed() {
        history.acknowledge(OptionalInt.of(1));
        history.acknowledge(OptionalInt.of(2));
        assertTrue(history.allows(OptionalInt.of(2)));
        assertFalse(history.allows(OptionalInt.of(1)));
        assertFalse(history.allows(OptionalInt.empty()));
    }

    @Test
    void aDeletedKeyMayNotComeBack() {
        history.acknowledge(OptionalInt.of(1));
        history.acknowledge(OptionalInt.empty());
        assertTrue(history.allows(OptionalInt.empty()));
        assertFalse(history.allows(OptionalInt.of(1)));
    }

    @Test
    void anUnknownWriteMayOrMayNotShowAndIsTheLast() {
        history.acknowledge(OptionalInt.of(1));
        assertTrue(history.isOpen());
        history.leaveUnknown(OptionalInt.of(2));
        assertFalse(history.isOpen());
        assertTrue(history.allows(OptionalInt.of(1)));
        assertTrue(history.allows(OptionalInt.of(2)));
        assertFalse(history.allows(OptionalInt.empty()));
    }
}

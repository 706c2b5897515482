package dev.raftkv.lab.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.raftkv.lab.work.EventStream.Event;
import java.io.BufferedReader;
import java.io.StringReader;
import org.junit.jupiter.api.Test;

class EventStreamTest {
    @Test
    void eventsAndPositionsAreRead() throws Exception {
        EventStream stream = new EventStream(
                new BufferedReader(
                        new StringReader("retry: 1000\n\nid: 5\nevent: put\ndata: {\"a\":\ndata: 1}\n\n:\nid: 9\n\n"
                                + ":\nid: 9\n\nid: 12\nevent: delete\ndata: {}\n")),
                "3");

        assertEquals(new Event("5", "put", "{\"a\":1}"), stream.next());
        assertEquals(new Event("9", "", ""), stream.next());
        assertEquals(new Event("9", "", ""), stream.next());
        assertNull(stream.next());
    }
}

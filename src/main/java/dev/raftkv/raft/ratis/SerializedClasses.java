package dev.raftkv.raft.ratis;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the JDK let go of classes that Ratis has sent or got, which it does in Java's serialized form: exceptions. The JDK
 * remembers for each class how it is serialized, by soft references. One that the collector has cleared waits in a queue until
 * somebody in this JVM serializes something; it knows its class, and so keeps all classes of a web application that has ended
 * meanwhile. It may be cleared after the end, so the application that ends cannot see to it alone: those that run do it for it.
 */
public final class SerializedClasses {
    private static final Logger LOG = LoggerFactory.getLogger(SerializedClasses.class);

    private SerializedClasses() {}

    /** Empties the queues, as each use of what the JDK remembers does: there is one for writing, and one for reading. */
    public static void letGo() {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(1);
            }
            try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                in.readObject();
            }
        } catch (IOException | ClassNotFoundException e) {
            LOG.debug("this JVM lets nobody serialize a number", e);
        }
    }
}

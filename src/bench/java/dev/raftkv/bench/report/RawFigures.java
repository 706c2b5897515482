package dev.raftkv.bench.report;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** Each sample as a line of JSON, as soon as it is there: what a run that ends early has measured is not lost. */
public final class RawFigures implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final BufferedWriter file;

    /** Begins the file anew. */
    public RawFigures(Path file) throws IOException {
        this.file = Files.newBufferedWriter(file);
    }

    public void add(Sample sample) throws IOException {
        file.write(line(sample, Instant.now()));
        file.newLine();
        file.flush();
    }

    static String line(Sample sample, Instant time) throws IOException {
        ObjectNode line = JSON.createObjectNode();
        line.put("time", time.toString());
        line.put("round", sample.round());
        line.put("work", sample.work());
        line.put("connections", sample.connections());
        line.put("peer", sample.peer());
        for (Figure figure : Figure.values()) {
            Double value = sample.figures().get(figure);
            if (value != null) {
                line.put(figure.key(), value);
            }
        }
        if (!sample.remark().isEmpty()) {
            line.put("remark", sample.remark());
        }
        return JSON.writeValueAsString(line);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

package dev.raftkv.lab.history;

import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** All that clients and watchers did and saw. Thread-safe; what is given out is a copy. */
public final class History {
    private static final JsonMapper JSON = JsonMapper.builder()
            .defaultPropertyInclusion(JsonInclude.Value.construct(NON_NULL, NON_NULL))
            .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
            .build();

    private final List<Operation> operations = new ArrayList<>();
    private final List<Watcher> watchers = new ArrayList<>();
    private final List<Sight> sights = new ArrayList<>();
    private final List<Counting> countings = new ArrayList<>();
    private final List<Holding> holdings = new ArrayList<>();
    private final List<Locking> lockings = new ArrayList<>();
    private final List<Leading> leadings = new ArrayList<>();

    /** One line of a file; one of all is not null. */
    private record Line(
            Operation operation,
            Watcher watcher,
            Sight sight,
            Counting counting,
            Holding holding,
            Locking locking,
            Leading leading) {
        private void addTo(History history) {
            if (operation != null) {
                history.add(operation);
            } else if (watcher != null) {
                history.add(watcher);
            } else if (sight != null) {
                history.add(sight);
            } else if (counting != null) {
                history.add(counting);
            } else if (holding != null) {
                history.add(holding);
            } else if (locking != null) {
                history.add(locking);
            } else {
                history.add(leading);
            }
        }
    }

    public synchronized void add(Operation operation) {
        operations.add(operation);
    }

    public synchronized void add(Watcher watcher) {
        watchers.add(watcher);
    }

    public synchronized void add(Sight sight) {
        sights.add(sight);
    }

    public synchronized void add(Counting counting) {
        countings.add(counting);
    }

    public synchronized void add(Holding holding) {
        holdings.add(holding);
    }

    public synchronized void add(Locking locking) {
        lockings.add(locking);
    }

    public synchronized void add(Leading leading) {
        leadings.add(leading);
    }

    /** In the order of their starts. */
    public synchronized List<Operation> operations() {
        return operations.stream()
                .sorted(Comparator.comparingLong(Operation::start))
                .toList();
    }

    /** How many operations have ended in a way so far. */
    public synchronized long count(Outcome outcome) {
        return operations.stream()
                .filter(operation -> operation.outcome() == outcome)
                .count();
    }

    public synchronized List<Watcher> watchers() {
        return List.copyOf(watchers);
    }

    /** Those of each watcher in its order. */
    public synchronized List<Sight> sights() {
        return List.copyOf(sights);
    }

    /** What one watcher saw, in its order. */
    public synchronized List<Sight> sights(Watcher watcher) {
        return sights.stream()
                .filter(sight -> sight.watcher() == watcher.number())
                .toList();
    }

    /** In the order of their starts. */
    public synchronized List<Counting> countings() {
        return countings.stream()
                .sorted(Comparator.comparingLong(Counting::start))
                .toList();
    }

    /** In the order of their starts. */
    public synchronized List<Holding> holdings() {
        return holdings.stream()
                .sorted(Comparator.comparingLong(Holding::start))
                .toList();
    }

    /** In the order of their starts. */
    public synchronized List<Locking> lockings() {
        return lockings.stream()
                .sorted(Comparator.comparingLong(Locking::start))
                .toList();
    }

    /** As they were seen. */
    public synchronized List<Leading> leadings() {
        return List.copyOf(leadings);
    }

    /** Writes all to a file, a line of JSON each. */
    public synchronized void save(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (Watcher watcher : watchers) {
                write(out, new Line(null, watcher, null, null, null, null, null));
            }
            for (Operation operation : operations) {
                write(out, new Line(operation, null, null, null, null, null, null));
            }
            for (Sight sight : sights) {
                write(out, new Line(null, null, sight, null, null, null, null));
            }
            for (Counting counting : countings) {
                write(out, new Line(null, null, null, counting, null, null, null));
            }
            for (Holding holding : holdings) {
                write(out, new Line(null, null, null, null, holding, null, null));
            }
            for (Locking locking : lockings) {
                write(out, new Line(null, null, null, null, null, locking, null));
            }
            for (Leading leading : leadings) {
                write(out, new Line(null, null, null, null, null, null, leading));
            }
        }
    }

    private static void write(BufferedWriter out, Line line) throws IOException {
        out.write(JSON.writeValueAsString(line));
        out.write('\n');
    }

    /** Reads what {@link #save} wrote. */
    public static History load(Path file) throws IOException {
        History history = new History();
        try (BufferedReader in = Files.newBufferedReader(file)) {
            for (String text = in.readLine(); text != null; text = in.readLine()) {
                JSON.readValue(text, Line.class).addTo(history);
            }
        }
        return history;
    }
}

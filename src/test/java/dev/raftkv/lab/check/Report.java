package dev.raftkv.lab.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The verdicts of all checkers. */
public record Report(List<Verdict> verdicts) {
    public boolean passed() {
        return verdicts.stream().allMatch(Verdict::passed);
    }

    public Verdict verdict(String check) {
        return verdicts.stream()
                .filter(verdict -> verdict.check().equals(check))
                .findFirst()
                .orElseThrow();
    }

    /** Writes the text to {@code report.txt}, and each picture beside it. */
    public void save(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("report.txt"), this + "\n");
        for (Verdict verdict : verdicts) {
            if (verdict.picture().isPresent()) {
                String name = verdict.check().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + ".svg";
                Files.writeString(directory.resolve(name), verdict.picture().get());
            }
        }
    }

    @Override
    public String toString() {
        return verdicts.stream().map(Verdict::toString).collect(Collectors.joining("\n"));
    }
}

package dev.raftkv.ops;

import java.util.List;

/** All metrics of a node. */
public final class Metrics {
    private final List<Source> sources;

    /** @param sources in the order of the output; no two write the same metric */
    public Metrics(List<Source> sources) {
        this.sources = List.copyOf(sources);
    }

    /**
     * The metrics of now, as {@link Exposition#CONTENT_TYPE}.
     *
     * @param edge what only the caller measures
     */
    public String text(Source edge) {
        Exposition out = new Exposition();
        sources.forEach(source -> source.write(out));
        edge.write(out);
        return out.text();
    }
}

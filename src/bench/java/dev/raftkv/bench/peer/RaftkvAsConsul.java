package dev.raftkv.bench.peer;

import dev.raftkv.bench.load.ConsulWire;
import dev.raftkv.bench.load.Dataset;
import dev.raftkv.bench.load.Wire;
import dev.raftkv.testkit.Http;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The same, asked as Consul's clients ask. */
final class RaftkvAsConsul extends Raftkv {
    private static final int NO_SUCH_KEY = 404;

    private final Http http = Http.plain(Duration.ofSeconds(2));

    /** @param jvm more settings, as of {@link Raftkv} */
    RaftkvAsConsul(String name, Path war, List<String> jvm) {
        super(name, war, jvm);
    }

    @Override
    public Wire wire(Dataset dataset, List<String> sessions) {
        return new ConsulWire(dataset);
    }

    @Override
    public boolean hasSessions() {
        return false;
    }

    /** The question has the cluster keep what these clients need, which is not to be measured. */
    @Override
    public boolean leads(Site site, int node) throws IOException {
        return super.leads(site, node)
                && http.get(site.url(node) + "/v1/kv/none?consistent").status() == NO_SUCH_KEY;
    }
}

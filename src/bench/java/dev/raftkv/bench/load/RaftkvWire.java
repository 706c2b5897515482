package dev.raftkv.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;

/** raftkv: its JSON over HTTP. */
public final class RaftkvWire extends HttpWire {
    private final Dataset dataset;
    private final List<String> sessions;

    /** @param sessions the ids of those that may be renewed */
    public RaftkvWire(Dataset dataset, List<String> sessions) {
        super(dataset.valueBytes());
        this.dataset = dataset;
        this.sessions = List.copyOf(sessions);
    }

    @Override
    public byte[] request(Operation operation, long key, long serial) {
        String name = dataset.key(key);
        return switch (operation) {
            case CREATE, WRITE ->
                post(
                        "/store",
                        "{\"key\":\"" + name + "\",\"value\":\"" + new String(dataset.value(serial), ISO_8859_1)
                                + "\"}");
            case READ -> get("/store/" + name);
            case LINEARIZABLE_READ -> get("/store/" + name + "?consistency=linearizable");
            case BEGIN -> post("/session", "{\"ttl\":60}");
            case RENEW -> put("/session/" + sessions.get((int) key));
        };
    }
}

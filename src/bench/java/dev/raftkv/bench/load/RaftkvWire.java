package dev.raftkv.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/** raftkv: its JSON over HTTP. */
public final class RaftkvWire extends HttpWire {
    private final Dataset dataset;

    public RaftkvWire(Dataset dataset) {
        super(dataset.valueBytes());
        this.dataset = dataset;
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
        };
    }
}

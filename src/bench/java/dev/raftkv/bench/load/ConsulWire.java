package dev.raftkv.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Base64;

/** raftkv as Consul's clients speak to it: values as they are in requests, and in Base64 in answers. */
public final class ConsulWire extends HttpWire {
    private final Dataset dataset;

    public ConsulWire(Dataset dataset) {
        super(Base64.getEncoder().encodeToString(dataset.value(0)).length());
        this.dataset = dataset;
    }

    @Override
    public byte[] request(Operation operation, long key, long serial) {
        String path = "/v1/kv/" + dataset.key(key);
        return switch (operation) {
            case CREATE, WRITE -> put(path, new String(dataset.value(serial), ISO_8859_1));
            case READ -> get(path + "?stale");
            case LINEARIZABLE_READ -> get(path + "?consistent");
            case BEGIN, RENEW ->
                throw new UnsupportedOperationException("sessions are measured by raftkv's own interface");
        };
    }
}

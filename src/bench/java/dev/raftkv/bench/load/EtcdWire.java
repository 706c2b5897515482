package dev.raftkv.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Base64;

/** etcd: its gateway of JSON over HTTP, in which keys and values are Base64. Its clients of gRPC cost it less. */
public final class EtcdWire extends HttpWire {
    private static final Base64.Encoder BASE64 = Base64.getEncoder();

    private final Dataset dataset;
    private final String[] values;

    public EtcdWire(Dataset dataset) {
        // An answer without the key is a head of about 120 bytes: shorter than a value of 100 in Base64.
        super(BASE64.encodeToString(dataset.value(0)).length());
        this.dataset = dataset;
        this.values = new String[dataset.values()];
        for (int value = 0; value < values.length; value++) {
            values[value] = BASE64.encodeToString(dataset.value(value));
        }
    }

    /** The lease that has ended is answered without a time to live. */
    @Override
    boolean isDone(String body, Operation operation) {
        return operation != Operation.RENEW || body.contains("\"TTL\"");
    }

    @Override
    public byte[] request(Operation operation, long key, long serial) {
        String name = BASE64.encodeToString(dataset.key(key).getBytes(ISO_8859_1));
        return switch (operation) {
            case CREATE, WRITE ->
                post(
                        "/v3/kv/put",
                        "{\"key\":\"" + name + "\",\"value\":\"" + values[(int) (serial % values.length)] + "\"}");
            case READ -> post("/v3/kv/range", "{\"key\":\"" + name + "\",\"serializable\":true}");
            case LINEARIZABLE_READ -> post("/v3/kv/range", "{\"key\":\"" + name + "\"}");
            case BEGIN -> post("/v3/lease/grant", "{\"TTL\":60,\"ID\":" + (key + 1) + "}");
            case RENEW -> post("/v3/lease/keepalive", "{\"ID\":" + (key + 1) + "}");
        };
    }
}

package dev.raftkv.store;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** All that a store holds, byte for byte. */
public final class StoreDump {
    private StoreDump() {}

    /**
     * The rows of all tables, under the number of their table and their key.
     *
     * @param directory of a store that is closed
     */
    public static Map<String, String> of(Path directory) {
        JeEnvironment environment = JeEnvironment.open(directory, StoreFixture.SETTINGS);
        try {
            Map<String, String> rows = new TreeMap<>();
            for (int i = 0; i < environment.replicated().size(); i++) {
                String table = i + " ";
                environment.replicated().get(i).scan(new byte[0], (key, row) -> {
                    rows.put(table + hex(key), hex(row));
                    return true;
                });
            }
            return rows;
        } finally {
            environment.close();
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}

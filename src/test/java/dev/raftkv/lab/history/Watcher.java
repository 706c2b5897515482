package dev.raftkv.lab.history;

/**
 * Who watches keys.
 *
 * @param number its number, among watchers
 * @param exact whether it watches one key, and not all with a prefix
 * @param text the key or the prefix
 */
public record Watcher(int number, boolean exact, String text) {
    public boolean covers(String key) {
        return exact ? key.equals(text) : key.startsWith(text);
    }
}

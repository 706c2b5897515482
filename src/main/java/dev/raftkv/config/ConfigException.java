package dev.raftkv.config;

import java.util.List;

/** A configuration that no node can start with. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param problems all that is wrong, a line each: the setting, its value, its origin and what it takes */
    ConfigException(List<String> problems) {
        super(String.join("\n", problems));
    }

    /** All that is wrong, at least one line. */
    public List<String> problems() {
        return getMessage().lines().toList();
    }
}

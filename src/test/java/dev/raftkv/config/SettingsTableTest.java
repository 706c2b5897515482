package dev.raftkv.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SettingsTableTest {
    private static final String BEGIN = "<!-- settings -->\n";
    private static final String END = "<!-- /settings -->\n";

    @Test
    void readmeShowsTheSettingsAsTheyAre() throws IOException {
        String readme = Files.readString(Path.of("README.md"));

        int begin = readme.indexOf(BEGIN) + BEGIN.length();
        assertEquals(table(), readme.substring(begin, readme.indexOf(END)));
    }

    private static String table() {
        StringBuilder table = new StringBuilder("| setting | default | meaning |\n|---|---|---|\n");
        for (Setting setting : Setting.values()) {
            String byDefault = setting.defaultText().isEmpty() ? "none" : "`" + setting.defaultText() + "`";
            table.append("| `%s` | %s | %s (%s) |\n".formatted(setting, byDefault, setting.help(), setting.accepts()));
        }
        return table.toString();
    }
}

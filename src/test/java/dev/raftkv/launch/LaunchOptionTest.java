package dev.raftkv.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The launcher cannot import the settings of the node, and must say the same of them. */
final class LaunchOptionTest {
    private static final List<String> SAMPLES = List.of(
            "",
            "0",
            "1",
            "2221",
            "65535",
            "65536",
            "99999",
            "node1",
            "a b",
            "a/b",
            "é",
            "n".repeat(64),
            "n".repeat(65),
            "text",
            "json",
            "JSON",
            "xml",
            "http://node1:2221",
            "http://a:1,https://b/kv",
            "ftp://a",
            "http://a, b",
            "http://a, HTTPS://b:1/",
            "http://a,",
            "http://user@a:1",
            "http://a:0",
            "http://a:99999",
            "http://a:1/?q",
            "http://a:1/#f",
            "http://7",
            "http://0.0.0.0:1",
            "http://[::]:1",
            "http://[::1]:1",
            "http://a_b",
            "http:a",
            "a://b",
            "127.0.0.1",
            "0.0.0.0",
            "1.2.3.4.5",
            "host-1.example",
            "-host",
            "host..b",
            "::1",
            "[::1]",
            "[fd00::1",
            "fd00:::1",
            "[1.2.3.4]",
            "::ffff:1.2.3.4");

    static Stream<LaunchOption> settings() {
        return Arrays.stream(LaunchOption.values())
                .filter(option -> option.setting().isPresent());
    }

    @ParameterizedTest
    @MethodSource("settings")
    void anOptionTakesWhatItsSettingTakes(LaunchOption option) {
        Setting setting = Setting.valueOf(option.setting().orElseThrow());
        assertEquals(setting.defaultText(), option.byDefault());
        for (String sample : SAMPLES) {
            assertEquals(setting.accept(sample).isPresent(), option.accepts(sample), sample);
        }
    }

    @Test
    void theHelpShowsEachOptionOnALineOfItsOwn() {
        List<String> lines = Help.text().lines().toList();
        for (LaunchOption option : LaunchOption.values()) {
            List<String> own = lines.stream()
                    .filter(line -> line.startsWith("  " + option.usage() + "  "))
                    .toList();
            assertEquals(1, own.size(), option.flag());
            assertTrue(own.get(0).contains(option.help()), own.get(0));
            assertTrue(own.get(0).contains(option.byDefault()), own.get(0));
            assertTrue(own.get(0).contains(option.setting().orElse("")), own.get(0));
        }
        assertEquals(
                Optional.empty(),
                lines.stream().filter(line -> line.length() > 120).findFirst());
    }
}

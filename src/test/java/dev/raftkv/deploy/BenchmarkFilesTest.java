package dev.raftkv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

/** What README shows of the last run of the benchmark: pasted whole, and of a run that can be repeated. */
final class BenchmarkFilesTest {
    private static final Pattern SECTION =
            Pattern.compile("<!-- benchmark -->\n(.*?)<!-- /benchmark -->", Pattern.DOTALL);
    private static final Pattern ORIGIN =
            Pattern.compile("20\\d\\d-\\d\\d-\\d\\d, `mvn -q -Pbench[^`]*`\\. [0-9]+ processors.*");
    private static final Pattern LOAD = Pattern.compile("[0-9.,]+( \\([0-9.]+\\))?; [0-9.,]+, [0-9.,]+; [0-9.,]+");
    private static final Pattern PICTURE = Pattern.compile("!\\[[^]]+]\\((src/bench/[a-z]+\\.svg)\\)");

    @Test
    void theTableIsOfOneRunAndWhole() throws IOException {
        Matcher section = SECTION.matcher(readme());
        assertTrue(section.find(), "README has no benchmark between its two comments");
        List<String> lines = section.group(1).lines().toList();
        assertTrue(ORIGIN.matcher(lines.get(0)).matches(), lines.get(0));
        List<List<String>> rows = lines.stream()
                .filter(line -> line.startsWith("|"))
                .map(line -> List.of(line.substring(1).split("\\|")))
                .toList();
        List<String> titles = rows.get(0).stream().map(String::strip).toList();
        assertEquals(List.of("", "clients", "raftkv", "etcd", "ZooKeeper"), titles);
        int load = 0;
        for (List<String> row : rows.subList(2, rows.size())) {
            assertEquals(titles.size(), row.size(), row::toString);
            if (!row.get(1).isBlank()) {
                load++;
                for (String cell : row.subList(2, row.size())) {
                    assertTrue(LOAD.matcher(cell.strip()).matches(), row::toString);
                }
            }
        }
        assertTrue(load >= 15, load + " rows of load");
        assertTrue(rows.stream().anyMatch(row -> row.get(0).contains("kill -9 of the leader")), rows::toString);
    }

    @Test
    void thePictureIsOne() throws Exception {
        Matcher picture = PICTURE.matcher(readme());
        assertTrue(picture.find(), "README shows no picture of the benchmark");
        Document svg = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(Path.of(picture.group(1)).toFile());
        assertEquals("svg", svg.getDocumentElement().getTagName());
        assertTrue(svg.getElementsByTagName("rect").getLength() > 50, "it has too few bars");
    }

    private static String readme() throws IOException {
        return Files.readString(Path.of("README.md"));
    }
}

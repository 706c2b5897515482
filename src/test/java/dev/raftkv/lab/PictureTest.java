package dev.raftkv.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.NodeList;

final class PictureTest {
    @Test
    void eachNodeHasALineInEachChartWhichIsBrokenWhereThereIsNoValue() throws Exception {
        Picture picture = new Picture(List.of("heap", "threads"));
        picture.add("node1", 0, 10, 1);
        picture.add("node2", 0, 20, 1);
        picture.add("node1", 10, Double.NaN, 2);
        picture.add("node1", 20, 10, 3);

        NodeList paths = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(picture.svg().getBytes(StandardCharsets.UTF_8)))
                .getElementsByTagName("path");
        assertEquals(2 * (1 + 2), paths.getLength());
        String broken = paths.item(1).getAttributes().getNamedItem("d").getNodeValue();
        assertTrue(broken.matches("M90\\.0 [0-9.]+M850\\.0 [0-9.]+"), broken);
    }
}

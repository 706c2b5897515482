package dev.raftkv.bench.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ChartTest {
    private static final String HOSTILE = "<b> & \"c\"";

    private static Sample rate(String peer, int connections, double rate) {
        return new Sample(1, "read " + HOSTILE, connections, peer, Map.of(Figure.RATE, rate), "");
    }

    private static Document parsed(List<Sample> samples, List<String> peers) throws Exception {
        String svg = new Chart("title " + HOSTILE, new Summary(samples), peers).svg();
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(UTF_8)));
    }

    private static List<Element> all(Document svg, String name) {
        NodeList found = svg.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            elements.add((Element) found.item(i));
        }
        return elements;
    }

    private static List<String> texts(Document svg) {
        return all(svg, "text").stream().map(Element::getTextContent).toList();
    }

    @Test
    void whateverNamesHaveInThemIsTextInThePicture() throws Exception {
        List<String> texts = texts(parsed(List.of(rate(HOSTILE, 1, 5)), List.of(HOSTILE)));
        assertTrue(texts.contains("title " + HOSTILE), texts::toString);
        assertTrue(texts.contains(HOSTILE), texts::toString);
        assertTrue(texts.contains("read " + HOSTILE + ": operations a second"), texts::toString);
    }

    @Test
    void barsAreAsLongAsTheirFigures() throws Exception {
        Document svg = parsed(
                List.of(rate("a", 1, 100), rate("b", 1, 50), rate("a", 64, 1000), rate("b", 64, 4000)),
                List.of("a", "b"));
        // The ground and the two of the legend come first.
        List<Double> heights = all(svg, "rect").stream()
                .skip(3)
                .map(bar -> Double.valueOf(bar.getAttribute("height")))
                .toList();
        assertEquals(4, heights.size());
        assertEquals(heights.get(0) / 2, heights.get(1), 0.2);
        assertEquals(heights.get(3) / 4, heights.get(2), 0.2);
        assertEquals(heights.get(0), heights.get(3), "each group has a scale of its own");
        assertTrue(texts(svg).containsAll(List.of("100", "50.0", "1,000", "4,000", "1 connection", "64 connections")));
    }

    @Test
    void whoHasNoFigureHasNoBar() throws Exception {
        Document svg = parsed(List.of(rate("a", 1, 100)), List.of("a", "b"));
        assertTrue(texts(svg).contains("none"));
        assertEquals(1, all(svg, "path").size());
    }
}

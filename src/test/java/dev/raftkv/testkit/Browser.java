package dev.raftkv.testkit;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.raftkv.testkit.Http.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** A headless Chromium, driven by chromedriver in the W3C's WebDriver protocol. */
public final class Browser implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
    private static final String OPTIONS = """
            {"capabilities": {"alwaysMatch": {
              "goog:loggingPrefs": {"browser": "ALL"},
              "goog:chromeOptions": {"args": ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--window-size=1200,1000", "--lang=en", "--user-data-dir=%s"]}}}}
            """;

    private final Http http = Http.plain(START_LIMIT);
    private final ServerProcess driver;
    private final Path directory;
    private final String address;
    private String session;

    private Browser(ServerProcess driver, Path directory, String address) {
        this.driver = driver;
        this.directory = directory;
        this.address = address;
    }

    /** Whether this machine has what it takes. */
    public static boolean isInstalled() {
        return Tool.isInstalled("chromium") && Tool.isInstalled("chromedriver");
    }

    /** @param directory where its log and screenshots go */
    public static Browser start(Path directory) throws IOException {
        Files.createDirectories(directory);
        int port = FreePorts.take(1).get(0);
        ServerCommand command = new ServerCommand(
                List.of("chromedriver", "--port=" + port, "--allowed-ips=127.0.0.1"),
                Map.of(),
                directory,
                directory.resolve("chromedriver.log"));
        String address = "http://127.0.0.1:" + port;
        Browser browser = new Browser(ServerProcess.start(command), directory, address);
        try {
            browser.driver.awaitOk(address + "/status", START_LIMIT);
            String options = OPTIONS.formatted(directory.resolve("profile"));
            Reply reply = browser.http.post(address + "/session", options);
            assertEquals(200, reply.status(), reply::toString);
            browser.session = reply.json().path("value").path("sessionId").asText();
            return browser;
        } catch (IOException | RuntimeException | Error e) {
            browser.close();
            throw e;
        }
    }

    public void open(String url) throws IOException {
        ask("/url", Map.of("url", url));
    }

    public String url() throws IOException {
        return eval("return location.href").asText();
    }

    /** What a script returns; it runs as the body of a function. */
    public JsonNode eval(String script) throws IOException {
        return ask("/execute/sync", Map.of("script", script, "args", List.of()));
    }

    /** Clicks, as a user does, what is seen there. */
    public void click(String css) throws IOException {
        ask("/element/" + find(css) + "/click", Map.of());
    }

    /** Types into what is there now, after what it holds. */
    public void type(String css, String keys) throws IOException {
        ask("/element/" + find(css) + "/value", Map.of("text", keys));
    }

    /** Replaces what a field holds. */
    public void fill(String css, String text) throws IOException {
        String element = find(css);
        ask("/element/" + element + "/clear", Map.of());
        ask("/element/" + element + "/value", Map.of("text", text));
    }

    /** Chooses an option of a list by its value. */
    public void choose(String css, String value) throws IOException {
        click(css + " option[value='" + value + "']");
    }

    /** The text that a user sees there. */
    public String text(String css) throws IOException {
        return get("/element/" + find(css) + "/text").asText();
    }

    /** Waits until a user sees the words there. */
    public void awaitText(String css, String words) {
        eventually(SOON, () -> {
            String text = text(css);
            assertTrue(text.contains(words), () -> css + " says: " + text + "; it should say: " + words);
        });
    }

    /** Shows pages as a device with a screen of this size would, in CSS pixels. */
    public void screen(int width, int height) throws IOException {
        devtools(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    }

    /** Shows pages as to a user who prefers light or dark. */
    public void scheme(String preference) throws IOException {
        devtools(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", preference))));
    }

    /** Saves what is downloaded in this directory, without a question. */
    public void downloadInto(Path target) throws IOException {
        devtools("Browser.setDownloadBehavior", Map.of("behavior", "allow", "downloadPath", target.toString()));
    }

    /** A picture of the whole page, however long it is. */
    public Path screenshot(String name) throws IOException {
        JsonNode picture = devtools("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
        Path file = directory.resolve(name + ".png");
        Files.write(file, Base64.getDecoder().decode(picture.path("data").asText()));
        return file;
    }

    /** What the browser has complained of since the last call: each as its source and message. */
    public List<String> complaints() throws IOException {
        List<String> complaints = new ArrayList<>();
        for (JsonNode entry : ask("/se/log", Map.of("type", "browser"))) {
            if (entry.path("level").asText().matches("SEVERE|WARNING")) {
                complaints.add(entry.path("source").asText() + ": "
                        + entry.path("message").asText());
            }
        }
        return complaints;
    }

    /** The texts of all elements that match. */
    public List<String> texts(String css) throws IOException {
        JsonNode found = eval("return [...document.querySelectorAll(" + JSON.writeValueAsString(css)
                + ")].map(element => element.innerText)");
        return StreamSupport.stream(found.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private JsonNode devtools(String command, Map<String, Object> parameters) throws IOException {
        return ask("/goog/cdp/execute", Map.of("cmd", command, "params", parameters));
    }

    private String find(String css) throws IOException {
        return ask("/element", Map.of("using", "css selector", "value", css))
                .path(ELEMENT)
                .asText();
    }

    private JsonNode get(String path) throws IOException {
        return value(http.get(address + "/session/" + session + path));
    }

    private JsonNode ask(String path, Map<String, ?> body) throws IOException {
        ObjectNode json = JSON.valueToTree(body);
        return value(http.post(address + "/session/" + session + path, json.toString()));
    }

    private static JsonNode value(Reply reply) throws IOException {
        if (reply.status() != 200) {
            throw new IOException(reply.json().path("value").path("message").asText());
        }
        return reply.json().path("value");
    }

    @Override
    public void close() {
        try {
            if (session != null) {
                http.delete(address + "/session/" + session);
            }
        } catch (IOException e) {
            throw new IllegalStateException("the browser does not end; see " + directory, e);
        } finally {
            driver.handle().descendants().forEach(ProcessHandle::destroyForcibly);
            driver.close();
        }
    }
}

package dev.raftkv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.raftkv.config.ConfigSources;
import dev.raftkv.config.Deployment;
import dev.raftkv.config.Exposure;
import dev.raftkv.config.NodeConfig;
import dev.raftkv.config.Setting;
import dev.raftkv.config.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The manifests, as the API server of Kubernetes would read them, and as the nodes need them. */
final class KubernetesFilesTest {
    private static final Path KUBERNETES = Path.of("deploy", "kubernetes");
    private static final String SCHEMAS = "/kubernetes/schema-1.22.json";
    private static final String ADDRESS = "https://raftkv.test/kubernetes.json";
    private static final String NAMESPACE = "a-namespace";
    private static final int STOP_STEPS = 5;
    private static final JsonMapper JSON = new JsonMapper();

    private static final Map<String, String> TYPES = Map.of(
            "apps/v1 StatefulSet", "io.k8s.api.apps.v1.StatefulSet",
            "v1 Service", "io.k8s.api.core.v1.Service",
            "policy/v1 PodDisruptionBudget", "io.k8s.api.policy.v1.PodDisruptionBudget",
            "networking.k8s.io/v1 NetworkPolicy", "io.k8s.api.networking.v1.NetworkPolicy");

    @Test
    void eachManifestIsOneThatTheApiTakes() throws IOException {
        SchemaRegistry schemas = schemas();
        for (JsonNode manifest : manifests()) {
            assertEquals(List.of(), errors(schemas, manifest), () -> name(manifest));
        }
        ObjectNode wrong = set().deepCopy();
        ((ObjectNode) wrong.at("/spec/template/spec/containers/0/livenessProbe")).put("periodsSeconds", 5);
        ((ObjectNode) wrong.path("spec")).put("replicas", "three");
        assertEquals(2, errors(schemas, wrong).size());
    }

    @Test
    void allAreApplied() throws IOException {
        Set<String> files = new TreeSet<>();
        try (Stream<Path> found = Files.list(KUBERNETES)) {
            found.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".yaml") && !file.equals("kustomization.yaml"))
                    .forEach(files::add);
        }
        Set<String> applied = new TreeSet<>();
        documents("kustomization.yaml").get(0).path("resources").forEach(file -> applied.add(file.asText()));
        assertEquals(files, applied);
    }

    @Test
    void theNodesReachEachOtherByTheNamesOfTheirPods() throws IOException {
        int replicas = set().at("/spec/replicas").asInt();
        JsonNode nodes = manifest("Service", set().at("/spec/serviceName").asText());
        assertEquals("None", nodes.at("/spec/clusterIP").asText());
        assertTrue(nodes.at("/spec/publishNotReadyAddresses").asBoolean());
        List<String> addresses = new ArrayList<>();
        List<String> asked = List.of();
        for (int node = 0; node < replicas; node++) {
            String pod = name(set()) + "-" + node;
            NodeConfig config = config(pod);
            assertEquals(pod, config.nodeId());
            assertEquals(
                    pod + "." + name(nodes) + "." + NAMESPACE + ".svc",
                    config.raftAddress().host());
            assertEquals("0.0.0.0", config.raftBindHost());
            assertEquals(port(nodes, "raft"), config.raftAddress().port());
            addresses.add(config.httpAddress());
            assertTrue(config.httpAddress().endsWith(":" + port(nodes, "http")), config::httpAddress);
            assertEquals(port(container(), "http"), port(nodes, "http"));
            assertEquals(port(container(), "raft"), port(nodes, "raft"));
            asked = config.joinAddresses();
        }
        assertEquals(addresses, asked);
        assertEquals(port(container(), "http"), port(manifest("Service", "raftkv"), "http"));
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            assertEquals("http", container().path(probe).at("/httpGet/port").asText(), probe);
            assertEquals("HTTPS", container().path(probe).at("/httpGet/scheme").asText(), probe);
            // They show no credentials, and what they ask needs none.
            assertTrue(
                    List.of("/health/live", "/health/ready")
                            .contains(
                                    container().path(probe).at("/httpGet/path").asText()),
                    probe);
            assertTrue(container().path(probe).at("/httpGet/httpHeaders").isMissingNode(), probe);
        }
    }

    @Test
    void whatProtectsTheNodesIsMountedWhereTheyLookForIt() throws IOException {
        for (int node = 0; node < set().at("/spec/replicas").asInt(); node++) {
            String pod = name(set()) + "-" + node;
            NodeConfig config = config(pod);
            assertEquals(Optional.empty(), new Exposure(config, Optional.of("0.0.0.0")).check());
            assertTrue(config.httpAddress()
                    .startsWith("https://" + config.raftAddress().host() + ":"));
            assertEquals("raftkv-access", secretAt(config.security().tokens().orElseThrow()));
            assertEquals(
                    "raftkv-access", secretAt(config.security().nodeSecret().orElseThrow()));
            for (String file : List.of("cert.pem", "key.pem", "ca.pem")) {
                assertEquals(
                        "raftkv-tls-" + node,
                        secretAt(config.security().tls().orElseThrow().resolve(file)));
            }
        }
        assertEquals(
                "https",
                set().at("/spec/template/metadata/annotations")
                        .path("prometheus.io/scheme")
                        .asText());
    }

    /** The Secret that the file is of; the group reads it, and nobody else. */
    private static String secretAt(Path file) throws IOException {
        for (JsonNode mount : container().path("volumeMounts")) {
            Path place = Path.of(mount.path("mountPath").asText());
            if (file.startsWith(place) && mount.path("readOnly").asBoolean()) {
                JsonNode volume = volume(mount.path("name").asText());
                String inside = place.relativize(file).toString();
                if (volume.has("secret")) {
                    assertEquals(0440, volume.at("/secret/defaultMode").asInt());
                    return volume.at("/secret/secretName").asText();
                }
                assertEquals(0440, volume.at("/projected/defaultMode").asInt());
                for (JsonNode source : volume.at("/projected/sources")) {
                    for (JsonNode item : source.at("/secret/items")) {
                        if (item.path("path").asText().equals(inside)) {
                            assertTrue(inside.endsWith("/" + item.path("key").asText()), inside);
                            return source.at("/secret/name").asText();
                        }
                    }
                }
            }
        }
        throw new AssertionError("nothing is mounted at " + file);
    }

    private static JsonNode volume(String name) throws IOException {
        for (JsonNode volume : set().at("/spec/template/spec/volumes")) {
            if (volume.path("name").asText().equals(name)) {
                return volume;
            }
        }
        throw new AssertionError("no volume " + name);
    }

    @Test
    void everySelectorFindsThePods() throws IOException {
        JsonNode labels = set().at("/spec/template/metadata/labels");
        List<JsonNode> selectors = new ArrayList<>();
        for (JsonNode manifest : manifests()) {
            selectors.addAll(manifest.findValues("matchLabels"));
            if (manifest.path("kind").asText().equals("Service")) {
                selectors.add(manifest.at("/spec/selector"));
            }
        }
        selectors.removeIf(selector -> selector.has("kubernetes.io/metadata.name"));
        assertEquals(7, selectors.size());
        selectors.forEach(selector -> assertEquals(labels, selector));
    }

    @Test
    void theRaftPortIsForTheNodesAlone() throws IOException {
        int raft = port(container(), "raft");
        int open = 0;
        for (JsonNode rule : manifest("NetworkPolicy", "raftkv").at("/spec/ingress")) {
            assertFalse(rule.path("ports").isEmpty() || rule.path("from").isEmpty(), rule::toString);
            for (JsonNode port : rule.path("ports")) {
                if (port.path("port").asInt() == raft) {
                    open++;
                    assertEquals(
                            set().at("/spec/template/metadata/labels"),
                            rule.at("/from/0/podSelector/matchLabels"),
                            rule::toString);
                    assertEquals(1, rule.path("from").size());
                }
            }
        }
        assertEquals(1, open);
    }

    @Test
    void thereIsTimeForAnOrderlyStop() throws IOException {
        long grace =
                set().at("/spec/template/spec/terminationGracePeriodSeconds").asLong();
        long pause = container().at("/lifecycle/preStop/exec/command/1").asLong();
        long stop = STOP_STEPS * Long.parseLong(Setting.RAFT_STOP_TIMEOUT_MS.defaultText()) / 1000;
        assertTrue(pause > 0 && grace > pause + stop, grace + " > " + pause + " + " + stop);
    }

    @Test
    void theContainerIsTheOneOfTheImage() throws IOException {
        String image = Files.readString(Path.of("deploy", "docker", "Dockerfile"));
        JsonNode pod = set().at("/spec/template/spec");
        String user = pod.at("/securityContext/runAsUser").asText();
        assertTrue(
                image.contains("USER " + user + ":"
                        + pod.at("/securityContext/runAsGroup").asText()),
                user);
        assertEquals(user, pod.at("/securityContext/fsGroup").asText());
        Map<String, String> mounts = new TreeMap<>();
        container()
                .path("volumeMounts")
                .forEach(mount -> mounts.put(
                        mount.path("mountPath").asText(), mount.path("name").asText()));
        assertEquals(
                Map.of("/data", "data", "/tmp", "tmp", "/secrets/access", "access", "/secrets/tls", "tls"), mounts);
        assertEquals(
                "data", set().at("/spec/volumeClaimTemplates/0/metadata/name").asText());
        assertTrue(volume("tmp").has("emptyDir"));
        assertTrue(config("raftkv-0").dataDirectory().startsWith("/data"));
    }

    /** What the node of a pod reads from its environment. */
    private static NodeConfig config(String pod) throws IOException {
        Map<String, String> given = new LinkedHashMap<>();
        for (JsonNode variable : container().path("env")) {
            String field = variable.at("/valueFrom/fieldRef/fieldPath").asText();
            String value = switch (field) {
                case "metadata.name" -> pod;
                case "metadata.namespace" -> NAMESPACE;
                default -> variable.path("value").asText();
            };
            for (Map.Entry<String, String> earlier : given.entrySet()) {
                value = value.replace("$(" + earlier.getKey() + ")", earlier.getValue());
            }
            assertFalse(value.contains("$("), value);
            given.put(variable.path("name").asText(), value);
        }
        Set<String> others = new HashSet<>(given.keySet());
        for (Setting setting : Setting.values()) {
            others.remove(setting.name());
        }
        assertEquals(Set.of("NAMESPACE", "JDK_JAVA_OPTIONS"), others);
        ConfigSources sources = new ConfigSources(List.of(Source.environment(given)));
        assertEquals(List.of(), sources.warnings());
        return sources.load(new Deployment("", Optional.empty(), Path.of("").toAbsolutePath()))
                .node();
    }

    private static JsonNode container() throws IOException {
        return set().at("/spec/template/spec/containers/0");
    }

    private static JsonNode set() throws IOException {
        return manifest("StatefulSet", "raftkv");
    }

    private static JsonNode manifest(String kind, String name) throws IOException {
        return manifests().stream()
                .filter(manifest -> manifest.path("kind").asText().equals(kind))
                .filter(manifest -> name(manifest).equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String name(JsonNode manifest) {
        return manifest.at("/metadata/name").asText();
    }

    /** The number of a port that is called so, of a container or a service. */
    private static int port(JsonNode owner, String name) {
        JsonNode ports = owner.has("spec") ? owner.at("/spec/ports") : owner.path("ports");
        for (JsonNode port : ports) {
            if (port.path("name").asText().equals(name)) {
                assertTrue(port.path("targetPort").asText(name).equals(name), port::toString);
                return port.path(port.has("port") ? "port" : "containerPort").asInt();
            }
        }
        throw new AssertionError("no port " + name + " in " + owner);
    }

    private static List<JsonNode> manifests() throws IOException {
        List<JsonNode> manifests = new ArrayList<>();
        for (JsonNode file : documents("kustomization.yaml").get(0).path("resources")) {
            manifests.addAll(documents(file.asText()));
        }
        return manifests;
    }

    private static List<JsonNode> documents(String file) throws IOException {
        List<JsonNode> documents = new ArrayList<>();
        String text = Files.readString(KUBERNETES.resolve(file));
        for (Object document : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(text)) {
            documents.add(JSON.valueToTree(document));
        }
        return documents;
    }

    private static List<Error> errors(SchemaRegistry schemas, JsonNode manifest) {
        String type = TYPES.get(manifest.path("apiVersion").asText() + " "
                + manifest.path("kind").asText());
        return schemas.getSchema(SchemaLocation.of(ADDRESS + "#/$defs/" + type)).validate(manifest);
    }

    private static SchemaRegistry schemas() throws IOException {
        String text = new String(
                KubernetesFilesTest.class.getResourceAsStream(SCHEMAS).readAllBytes(), StandardCharsets.UTF_8);
        return SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(Map.of(ADDRESS, text)));
    }
}

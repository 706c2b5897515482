package dev.raftkv;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of who may import whom. Think about the layering of the project before you change it. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.raftkv");

    @Test
    void packagesImportOnlyWhatTheTableAllows() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("model")
                .definedBy("dev.raftkv.model")
                .layer("config")
                .definedBy("dev.raftkv.config")
                .layer("meter")
                .definedBy("dev.raftkv.meter")
                .layer("json")
                .definedBy("dev.raftkv.json")
                .layer("peer")
                .definedBy("dev.raftkv.peer")
                .layer("access")
                .definedBy("dev.raftkv.access")
                .layer("tls")
                .definedBy("dev.raftkv.tls")
                .layer("codec")
                .definedBy("dev.raftkv.codec..")
                .layer("store")
                .definedBy("dev.raftkv.store")
                .layer("machine")
                .definedBy("dev.raftkv.machine")
                .layer("kv")
                .definedBy("dev.raftkv.kv")
                .layer("raft")
                .definedBy("dev.raftkv.raft..")
                .layer("ops")
                .definedBy("dev.raftkv.ops")
                .layer("node")
                .definedBy("dev.raftkv.node")
                .layer("rest.json")
                .definedBy("dev.raftkv.rest.json")
                .layer("rest.request")
                .definedBy("dev.raftkv.rest.request")
                .layer("rest.http")
                .definedBy("dev.raftkv.rest.http")
                .layer("rest.browser")
                .definedBy("dev.raftkv.rest.browser")
                .layer("rest.access")
                .definedBy("dev.raftkv.rest.access")
                .layer("rest.cluster")
                .definedBy("dev.raftkv.rest.cluster")
                .layer("rest.txn")
                .definedBy("dev.raftkv.rest.txn")
                .layer("rest.store")
                .definedBy("dev.raftkv.rest.store")
                .layer("rest.backup")
                .definedBy("dev.raftkv.rest.backup")
                .layer("rest.watch")
                .definedBy("dev.raftkv.rest.watch")
                .layer("rest.events")
                .definedBy("dev.raftkv.rest.events")
                .layer("rest.look")
                .definedBy("dev.raftkv.rest.look")
                .layer("rest.consul.text")
                .definedBy("dev.raftkv.rest.consul.text")
                .layer("rest.consul")
                .definedBy("dev.raftkv.rest.consul")
                .layer("rest.consul.session")
                .definedBy("dev.raftkv.rest.consul.session")
                .layer("rest.consul.txn")
                .definedBy("dev.raftkv.rest.consul.txn")
                .layer("rest.consul.about")
                .definedBy("dev.raftkv.rest.consul.about")
                .layer("rest")
                .definedBy("dev.raftkv.rest")
                .layer("web")
                .definedBy("dev.raftkv.web")
                .layer("launch")
                .definedBy("dev.raftkv.launch")
                .layer("launch.certs")
                .definedBy("dev.raftkv.launch.certs")
                .layer("launch.server")
                .definedBy("dev.raftkv.launch.server")
                .whereLayer("model")
                .mayNotAccessAnyLayer()
                .whereLayer("meter")
                .mayNotAccessAnyLayer()
                .whereLayer("peer")
                .mayOnlyAccessLayers("access", "tls")
                .whereLayer("access")
                .mayOnlyAccessLayers("model")
                .whereLayer("tls")
                .mayNotAccessAnyLayer()
                .whereLayer("json")
                .mayOnlyAccessLayers("model")
                .whereLayer("config")
                .mayOnlyAccessLayers("model")
                .whereLayer("codec")
                .mayOnlyAccessLayers("model")
                .whereLayer("store")
                .mayOnlyAccessLayers("model", "codec")
                .whereLayer("machine")
                .mayOnlyAccessLayers("model", "store")
                .whereLayer("kv")
                .mayOnlyAccessLayers("model", "store")
                .whereLayer("raft")
                .mayOnlyAccessLayers("model", "config", "meter", "tls", "codec", "store", "machine", "kv")
                .whereLayer("ops")
                .mayOnlyAccessLayers("model", "access", "config", "meter", "store", "kv", "raft")
                .whereLayer("node")
                .mayOnlyAccessLayers("model", "access", "tls", "json", "peer", "config", "kv", "raft", "ops")
                .whereLayer("rest.json")
                .mayOnlyAccessLayers("model", "json")
                .whereLayer("rest.request")
                .mayOnlyAccessLayers("model", "access")
                .whereLayer("rest.http")
                .mayOnlyAccessLayers("model", "access", "json", "kv", "ops", "rest.json", "rest.request")
                .whereLayer("rest.browser")
                .mayOnlyAccessLayers("rest.request", "rest.http")
                .whereLayer("rest.access")
                .mayOnlyAccessLayers("model", "access", "rest.request", "rest.http")
                .whereLayer("rest.cluster")
                .mayOnlyAccessLayers(
                        "model", "access", "json", "peer", "config", "kv", "raft", "ops", "rest.request", "rest.http")
                .whereLayer("rest.txn")
                .mayOnlyAccessLayers("model", "json", "kv", "rest.json")
                .whereLayer("rest.store")
                .mayOnlyAccessLayers(
                        "model", "json", "kv", "rest.json", "rest.request", "rest.http", "rest.cluster", "rest.txn")
                .whereLayer("rest.backup")
                .mayOnlyAccessLayers(
                        "model",
                        "access",
                        "json",
                        "store",
                        "kv",
                        "rest.json",
                        "rest.request",
                        "rest.http",
                        "rest.cluster")
                .whereLayer("rest.events")
                .mayOnlyAccessLayers("model", "json", "rest.http")
                .whereLayer("rest.watch")
                .mayOnlyAccessLayers(
                        "model", "json", "kv", "rest.json", "rest.request", "rest.http", "rest.events", "rest.cluster")
                .whereLayer("rest.look")
                .mayOnlyAccessLayers(
                        "model", "access", "json", "raft", "rest.json", "rest.request", "rest.http", "rest.events")
                .whereLayer("rest.consul.text")
                .mayOnlyAccessLayers("model", "json", "rest.request")
                .whereLayer("rest.consul")
                .mayOnlyAccessLayers(
                        "model",
                        "json",
                        "kv",
                        "rest.request",
                        "rest.http",
                        "rest.cluster",
                        "rest.consul.text",
                        "access")
                .whereLayer("rest.consul.session")
                .mayOnlyAccessLayers(
                        "model",
                        "json",
                        "kv",
                        "rest.request",
                        "rest.http",
                        "rest.cluster",
                        "rest.consul.text",
                        "rest.consul")
                .whereLayer("rest.consul.txn")
                .mayOnlyAccessLayers(
                        "model",
                        "json",
                        "kv",
                        "rest.request",
                        "rest.http",
                        "rest.cluster",
                        "rest.consul.text",
                        "rest.consul")
                .whereLayer("rest.consul.about")
                .mayOnlyAccessLayers(
                        "model",
                        "json",
                        "kv",
                        "rest.request",
                        "rest.http",
                        "rest.cluster",
                        "rest.consul.text",
                        "rest.consul",
                        "config")
                .whereLayer("rest")
                .mayOnlyAccessLayers(
                        "rest.consul",
                        "rest.consul.session",
                        "rest.consul.txn",
                        "rest.consul.about",
                        "model",
                        "access",
                        "peer",
                        "config",
                        "kv",
                        "ops",
                        "node",
                        "rest.request",
                        "rest.http",
                        "rest.browser",
                        "rest.access",
                        "rest.cluster",
                        "rest.store",
                        "rest.watch",
                        "rest.look",
                        "rest.backup")
                .whereLayer("web")
                .mayOnlyAccessLayers(
                        "model",
                        "access",
                        "config",
                        "raft",
                        "node",
                        "rest",
                        "rest.request",
                        "rest.http",
                        "rest.browser",
                        "rest.access",
                        "rest.json")
                .whereLayer("launch")
                .mayOnlyAccessLayers("launch.certs", "tls")
                .whereLayer("launch.certs")
                .mayOnlyAccessLayers("tls")
                .whereLayer("launch.server")
                .mayOnlyAccessLayers("launch", "tls")
                .check(CLASSES);
    }

    /** The rooms of raft, from the ground up: each may use those below it. */
    @Test
    void theRoomsOfRaftStandOnEachOther() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("ratis")
                .definedBy("dev.raftkv.raft.ratis")
                .layer("wire")
                .definedBy("dev.raftkv.raft.wire")
                .layer("log")
                .definedBy("dev.raftkv.raft.log")
                .layer("read")
                .definedBy("dev.raftkv.raft.read")
                .layer("disk")
                .definedBy("dev.raftkv.raft.disk")
                .layer("look")
                .definedBy("dev.raftkv.raft.look")
                .layer("group")
                .definedBy("dev.raftkv.raft.group")
                .layer("members")
                .definedBy("dev.raftkv.raft.members")
                .layer("care")
                .definedBy("dev.raftkv.raft.care")
                .layer("raft")
                .definedBy("dev.raftkv.raft")
                .whereLayer("ratis")
                .mayNotAccessAnyLayer()
                .whereLayer("look")
                .mayOnlyAccessLayers("ratis", "disk")
                .whereLayer("wire")
                .mayOnlyAccessLayers("ratis", "look")
                .whereLayer("log")
                .mayOnlyAccessLayers("ratis")
                .whereLayer("read")
                .mayOnlyAccessLayers("ratis", "wire", "log")
                .whereLayer("disk")
                .mayOnlyAccessLayers("ratis")
                .whereLayer("group")
                .mayOnlyAccessLayers("ratis", "wire", "log", "read", "disk", "look")
                .whereLayer("members")
                .mayOnlyAccessLayers("ratis", "wire", "log", "disk", "look", "group")
                .whereLayer("care")
                .mayOnlyAccessLayers("ratis", "wire", "log", "disk", "group", "members")
                .whereLayer("raft")
                .mayOnlyAccessLayers("ratis", "wire", "log", "read", "disk", "look", "group", "members", "care")
                .check(CLASSES);
    }

    /** Who comes new can look through a room at once. */
    @Test
    void aRoomHoldsAboutADozenTypes() {
        CLASSES.stream()
                .filter(type -> type.getPackageName().matches("dev\\.raftkv\\.(raft|rest)\\..*"))
                .filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()))
                .forEach((room, types) -> assertTrue(types <= 14, () -> room + " holds " + types + " types"));
    }

    @Test
    void packagesHaveNoCycles() {
        noCyclesAmong("dev.raftkv.(*)..");
        noCyclesAmong("dev.raftkv.(**)");
    }

    private static void noCyclesAmong(String packages) {
        SlicesRuleDefinition.slices()
                .matching(packages)
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }

    @Test
    void ratisIsUsedInRaftOnly() {
        onlyIn("dev.raftkv.raft..", "org.apache.ratis..");
    }

    @Test
    void berkeleyDbIsUsedInStoreOnly() {
        onlyIn("dev.raftkv.store", "com.sleepycat..");
    }

    @Test
    void jacksonIsUsedInJsonAndRestOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.raftkv.json", "dev.raftkv.rest..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.fasterxml.jackson..")
                .check(CLASSES);
    }

    @Test
    void theEmbeddedServerIsUsedInItsPackageOnly() {
        onlyIn("dev.raftkv.launch.server", "org.eclipse.jetty..");
    }

    /** The launcher's class loader has nothing else: they lie at the root of the WAR. */
    @Test
    void theLauncherNeedsTheJdkOnly() {
        classes()
                .that()
                .resideInAnyPackage("dev.raftkv.launch", "dev.raftkv.launch.certs", "dev.raftkv.tls")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..", "javax..", "dev.raftkv.launch", "dev.raftkv.launch.certs", "dev.raftkv.tls")
                .check(CLASSES);
    }

    /** It has a jar of its own, and is not in the WAR. */
    @Test
    void theClientNeedsTheJdkOnlyAndNobodyNeedsIt() {
        classes()
                .that()
                .resideInAPackage("dev.raftkv.client")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "javax..", "dev.raftkv.client")
                .check(CLASSES);
        onlyIn("dev.raftkv.client", "dev.raftkv.client");
    }

    @Test
    void protobufIsUsedInCodecOnly() {
        onlyIn("dev.raftkv.codec..", "com.google.protobuf..");
    }

    @Test
    void jakartaAndJerseyAreUsedAtTheEdgeOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.raftkv.rest..", "dev.raftkv.web")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jakarta..", "org.glassfish..")
                .check(CLASSES);
    }

    @Test
    void noPackageIsADrawer() {
        noClasses()
                .should()
                .resideInAnyPackage("..util..", "..common..", "..helper..", "..impl..", "..manager..")
                .check(CLASSES);
    }

    private static void onlyIn(String home, String library) {
        noClasses()
                .that()
                .resideOutsideOfPackage(home)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(CLASSES);
    }
}

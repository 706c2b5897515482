package dev.raftkv.it;

import static dev.raftkv.testkit.Eventually.eventually;

import dev.raftkv.consul.Consul;
import dev.raftkv.consul.ConsulCaller;
import dev.raftkv.consul.KeyChecks;
import dev.raftkv.consul.OtherChecks;
import dev.raftkv.consul.SessionChecks;
import dev.raftkv.consul.TransactionChecks;
import dev.raftkv.consul.WaitChecks;
import dev.raftkv.testkit.Container;
import dev.raftkv.testkit.ServerCluster;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients of Consul count on, at each of three nodes in three servers, of which the first leads. */
@Timeout(180)
final class ConsulChecksIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    private static ServerCluster nodes;

    /** @return the node of the server, which is asked, and another one */
    private static Consul consul(Container server) {
        return new Consul(caller(server.ordinal()), caller((server.ordinal() + 1) % ServerCluster.SIZE));
    }

    @BeforeAll
    static void start() throws IOException {
        nodes = ServerCluster.start(
                (node, base) -> Container.values()[number(node.nodeId())].node(node, base), "consul-checks");
        nodes.joinAll();
        for (int node = 0; node < ServerCluster.SIZE; node++) {
            ConsulCaller caller = caller(node);
            eventually(SOON, () -> new OtherChecks(new Consul(caller, caller)).ready());
        }
    }

    @AfterAll
    static void stop() {
        nodes.close();
    }

    private static int number(String nodeId) {
        return nodeId.charAt(nodeId.length() - 1) - '1';
    }

    private static ConsulCaller caller(int node) {
        return new ConsulCaller(nodes.url(node, ""));
    }

    @ParameterizedTest
    @EnumSource
    void keysAndValuesAreThoseOfConsul(Container server) {
        KeyChecks checks = new KeyChecks(consul(server));
        checks.entries();
        checks.whatIsNotThere();
        checks.anyBytes();
        checks.prefixes();
        checks.namesOfKeys();
    }

    @ParameterizedTest
    @EnumSource
    void requestsAreThoseOfConsul(Container server) {
        KeyChecks checks = new KeyChecks(consul(server));
        checks.methods();
        checks.conditions();
        checks.howCurrent();
        checks.tooLarge();
    }

    @ParameterizedTest
    @EnumSource
    void sessionsHoldLocks(Container server) {
        SessionChecks checks = new SessionChecks(consul(server));
        checks.sessions();
        checks.whatSessionsMayBe();
        checks.locks();
    }

    @ParameterizedTest
    @EnumSource(names = "JETTY_12_1")
    void aSessionLivesForTwiceItsTtl(Container server) {
        new SessionChecks(consul(server)).expiry();
    }

    @ParameterizedTest
    @EnumSource
    void requestsWaitForNews(Container server) {
        WaitChecks checks = new WaitChecks(consul(server));
        checks.prefixes();
        checks.whatIsNotThere();
        checks.noneToWaitFor();
    }

    @ParameterizedTest
    @EnumSource
    void transactionsDoAllOrNothing(Container server) {
        TransactionChecks checks = new TransactionChecks(consul(server));
        checks.allDone();
        checks.noneDone();
        checks.bodies();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotServedSaysSo(Container server) {
        OtherChecks checks = new OtherChecks(consul(server));
        checks.status();
        checks.whatIsLeftOut();
        checks.tokens();
    }
}

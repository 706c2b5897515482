package dev.raftkv.node;

import static dev.raftkv.testkit.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.fail;

import dev.raftkv.config.NodeConfig;
import dev.raftkv.consul.Consul;
import dev.raftkv.consul.ConsulCaller;
import dev.raftkv.consul.KeyChecks;
import dev.raftkv.consul.OtherChecks;
import dev.raftkv.consul.SessionChecks;
import dev.raftkv.consul.TransactionChecks;
import dev.raftkv.consul.WaitChecks;
import dev.raftkv.model.NodeStatus;
import dev.raftkv.model.Role;
import dev.raftkv.testkit.TestConfigs;
import dev.raftkv.testkit.Together;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients of Consul count on, at the leader and at a follower of three nodes. */
@Timeout(120)
class ConsulChecksIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int SIZE = 3;

    @TempDir
    static Path directory;

    private static HttpNodes nodes;

    /** Who is asked. */
    enum Asked {
        LEADER,
        FOLLOWER;

        int node() {
            return this == LEADER ? leader() : (leader() + 1) % SIZE;
        }

        Consul consul() {
            return new Consul(caller(node()), caller((node() + 1) % SIZE));
        }
    }

    @BeforeAll
    static void start() {
        nodes = new HttpNodes(directory, SIZE);
        Together.each(List.of(0, 1, 2), node -> nodes.start(node, config(node)));
        for (int node = 0; node < SIZE; node++) {
            ConsulCaller caller = caller(node);
            eventually(SOON, () -> new OtherChecks(new Consul(caller, caller)).ready());
        }
    }

    @AfterAll
    static void stop() {
        nodes.close();
    }

    private static NodeConfig config(int node) {
        NodeConfig plain = nodes.config(node, HttpNodes.id(node), nodes.list());
        return TestConfigs.with(plain, new NodeConfig.Consul(true, "dc1", Duration.ofSeconds(10)));
    }

    private static ConsulCaller caller(int node) {
        return new ConsulCaller(nodes.url(node));
    }

    private static int leader() {
        return eventually(SOON, () -> {
            for (int node = 0; node < SIZE; node++) {
                NodeStatus status = nodes.node(node).kv().status();
                if (status.role() == Role.LEADER && status.members().size() == SIZE) {
                    return node;
                }
            }
            return fail("nobody leads");
        });
    }

    @ParameterizedTest
    @EnumSource
    void keysAndValuesAreThoseOfConsul(Asked asked) {
        KeyChecks checks = new KeyChecks(asked.consul());
        checks.entries();
        checks.whatIsNotThere();
        checks.anyBytes();
        checks.prefixes();
        checks.namesOfKeys();
    }

    @ParameterizedTest
    @EnumSource
    void requestsAreThoseOfConsul(Asked asked) {
        KeyChecks checks = new KeyChecks(asked.consul());
        checks.methods();
        checks.conditions();
        checks.howCurrent();
        checks.tooLarge();
    }

    @ParameterizedTest
    @EnumSource
    void sessionsHoldLocks(Asked asked) {
        SessionChecks checks = new SessionChecks(asked.consul());
        checks.sessions();
        checks.whatSessionsMayBe();
        checks.locks();
    }

    @ParameterizedTest
    @EnumSource(names = "FOLLOWER")
    void aSessionLivesForTwiceItsTtl(Asked asked) {
        new SessionChecks(asked.consul()).expiry();
    }

    @ParameterizedTest
    @EnumSource
    void requestsWaitForNews(Asked asked) {
        WaitChecks checks = new WaitChecks(asked.consul());
        checks.prefixes();
        checks.whatIsNotThere();
        checks.noneToWaitFor();
    }

    @ParameterizedTest
    @EnumSource
    void transactionsDoAllOrNothing(Asked asked) {
        TransactionChecks checks = new TransactionChecks(asked.consul());
        checks.allDone();
        checks.noneDone();
        checks.bodies();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotServedSaysSo(Asked asked) {
        OtherChecks checks = new OtherChecks(asked.consul());
        checks.status();
        checks.whatIsLeftOut();
        checks.tokens();
    }
}

package dev.raftkv.lab.fault;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.Alone;
import java.io.IOException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

@Alone
final class NamespacesIT extends NetworkContract {
    @Override
    Network create(int nodes) throws IOException {
        Namespaces.obstacle().ifPresent(why -> Assumptions.abort("no network namespaces: " + why));
        return Namespaces.create(nodes);
    }

    @Test
    void whatARunLeftBehindThatDiedIsRemoved() throws Exception {
        Process died = new ProcessBuilder("true").start();
        died.waitFor();
        String left = "raftkv-lab-" + died.pid() + "-7-hub";
        Shell.run("ip netns add " + left);
        Process inside = new ProcessBuilder("ip", "netns", "exec", left, "sleep", "60").start();
        Namespaces.removeLeftovers();
        inside.waitFor();
        assertFalse(inside.isAlive());
        assertFalse(Shell.run("ip netns list").contains(left));
        assertTrue(Shell.run("ip netns list")
                .contains("raftkv-lab-" + ProcessHandle.current().pid()));
    }
}

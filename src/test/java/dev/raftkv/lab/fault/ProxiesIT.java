package dev.raftkv.lab.fault;

import dev.raftkv.testkit.Alone;
import java.io.IOException;
import org.junit.jupiter.api.Assumptions;

@Alone
final class ProxiesIT extends NetworkContract {
    @Override
    Network create(int nodes) throws IOException {
        Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"), "proxies know nodes by /proc");
        return Proxies.start(nodes);
    }
}

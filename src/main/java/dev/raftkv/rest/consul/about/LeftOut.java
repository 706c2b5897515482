package dev.raftkv.rest.consul.about;

import dev.raftkv.rest.consul.text.ConsulFailure;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import java.util.ArrayList;
import java.util.List;

/**
 * What raftkv has not, and says so: a library takes a 404 for something that is not there just now, and goes on as if the rest
 * were.
 */
public final class LeftOut {
    private static final List<String> METHODS = List.of("GET", "PUT", "DELETE");

    private LeftOut() {}

    /** The sentence on something that is not there. */
    public static String text(String what) {
        return "raftkv has no " + what + ": only /v1/kv, /v1/session, /v1/txn, /v1/status and the reads of"
                + " /v1/agent/self, /v1/catalog and /v1/health are served";
    }

    /** Whatever is asked of it. */
    public static List<Operation> all() {
        List<Operation> all = new ArrayList<>();
        add(all, "acl/{rest}", 401, "ACL support disabled");
        add(all, "agent/service/{rest}", 501, text("services of an agent"));
        add(all, "agent/check/{rest}", 501, text("checks of an agent"));
        add(all, "agent/{rest}", 501, text("such endpoint of an agent"));
        add(all, "catalog/register", 501, text("catalog of services"));
        add(all, "catalog/deregister", 501, text("catalog of services"));
        add(all, "event/{rest}", 501, text("user events"));
        add(all, "query/{rest}", 501, text("prepared queries"));
        add(all, "query", 501, text("prepared queries"));
        add(all, "coordinate/{rest}", 501, text("network coordinates"));
        add(all, "config/{rest}", 501, text("config entries"));
        add(all, "config", 501, text("config entries"));
        add(all, "connect/{rest}", 501, text("service mesh"));
        add(all, "intentions", 501, text("service mesh"));
        add(all, "peering/{rest}", 501, text("cluster peering"));
        add(all, "peering", 501, text("cluster peering"));
        add(all, "peerings", 501, text("cluster peering"));
        add(all, "operator/{rest}", 501, text("operator endpoints"));
        add(all, "internal/{rest}", 501, text("internal endpoints"));
        add(all, "exported-services", 501, text("exported services"));
        add(all, "snapshot", 501, text("snapshots in Consul's format"));
        return List.copyOf(all);
    }

    private static void add(List<Operation> all, String route, int status, String text) {
        for (String method : METHODS) {
            all.add(new Operation(method, "v1/" + route, List.of(), Effect.READS, request -> {
                        throw new ConsulFailure(status, text);
                    })
                    .ofAnotherInterface());
        }
    }
}

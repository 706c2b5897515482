import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.kiwiproject.consul.Consul;
import org.kiwiproject.consul.KeyValueClient;
import org.kiwiproject.consul.SessionClient;
import org.kiwiproject.consul.model.ConsulResponse;
import org.kiwiproject.consul.model.kv.Operation;
import org.kiwiproject.consul.model.kv.TxResponse;
import org.kiwiproject.consul.model.kv.Value;
import org.kiwiproject.consul.model.kv.Verb;
import org.kiwiproject.consul.model.session.ImmutableSession;
import org.kiwiproject.consul.option.ImmutablePutOptions;
import org.kiwiproject.consul.option.QueryOptions;

/** kiwiproject's consul-client, which writes slashes as %2F, at a node's port. */
public final class Kiwi {
    private Kiwi() {}

    public static void main(String[] arguments) {
        Consul consul = Consul.builder()
                .withUrl("http://127.0.0.1:" + arguments[0])
                .withPing(true)
                .build();
        KeyValueClient keys = consul.keyValueClient();
        values(keys);
        waits(keys);
        locks(keys, consul.sessionClient());
        transactions(keys);
        Check.holds("leader", consul.statusClient().getLeader().startsWith("127.0.0.1:"));
        Check.holds("peers", consul.statusClient().getPeers().contains(consul.statusClient().getLeader()));
        Check.same("datacenter", "dc1", consul.agentClient().getAgent().getConfig().getDatacenter());
        keys.deleteKeys("kiwi/");
        Check.same("after the deletion", List.of(), keys.getValues("kiwi/"));
        consul.destroy();
        System.out.println("Kiwi: passed");
    }

    private static void values(KeyValueClient keys) {
        Check.holds("put", keys.putValue("kiwi/a/b", "eins"));
        Check.same("get", Optional.of("eins"), keys.getValueAsString("kiwi/a/b"));
        Check.same("get of nothing", Optional.empty(), keys.getValue("kiwi/none"));
        Check.holds("put of nothing", keys.putValue("kiwi/folder/"));
        Check.holds("put of odd characters", keys.putValue("kiwi/100% c;d", "x"));
        Check.same("keys", List.of("kiwi/100% c;d", "kiwi/a/", "kiwi/folder/"), keys.getKeys("kiwi/", "/"));
        Check.holds("put of bytes", keys.putValue("kiwi/bytes", new byte[] {0, -1}, -1L, ImmutablePutOptions.BLANK));
        Value value = keys.getValue("kiwi/bytes").orElseThrow();
        Check.same("all flags", -1L, value.getFlags());
        Check.same("bytes", "AP8=", value.getValue().orElseThrow());
        Check.holds("cas of 0", !keys.putValue("kiwi/bytes", "x", 0, ImmutablePutOptions.builder().cas(0L).build()));
    }

    private static void waits(KeyValueClient keys) {
        BigInteger index = keys.getConsulResponseWithValues("kiwi/").getIndex();
        ConsulResponse<List<Value>> same =
                keys.getConsulResponseWithValues("kiwi/", QueryOptions.blockSeconds(1, index).build());
        Check.same("a wait for nothing", index, same.getIndex());
        new Thread(() -> keys.putValue("kiwi/later", "x")).start();
        ConsulResponse<List<Value>> news =
                keys.getConsulResponseWithValues("kiwi/", QueryOptions.blockSeconds(8, index).build());
        Check.holds("a wait for a change", news.getIndex().compareTo(index) > 0);
    }

    private static void locks(KeyValueClient keys, SessionClient sessions) {
        String session = sessions.createSession(
                        ImmutableSession.builder().name("kiwi").ttl("10s").lockDelay("1s").build())
                .getId();
        Check.holds("acquire", keys.acquireLock("kiwi/lock", session));
        Check.same("the holder", Optional.of(session), keys.getSession("kiwi/lock"));
        Check.same("renew", session, sessions.renewSession(session).orElseThrow().getId());
        Check.same("info", session, sessions.getSessionInfo(session).orElseThrow().getId());
        Check.holds("list", sessions.listSessions().stream().anyMatch(each -> each.getId().equals(session)));
        Check.holds("release", keys.releaseLock("kiwi/lock", session));
        Check.fails("acquire by nobody", "500", () -> keys.acquireLock("kiwi/lock2", Check.NO_SESSION));
        sessions.destroySession(session);
        Check.same("info of nothing", Optional.empty(), sessions.getSessionInfo(session));
    }

    private static void transactions(KeyValueClient keys) {
        TxResponse done = keys.performTransaction(
                        Operation.builder(Verb.SET).key("kiwi/t").value("v").build(),
                        Operation.builder(Verb.GET).key("kiwi/t").build())
                .getResponse();
        Check.same("results", 2, done.results().size());
        Check.fails("a check that does not hold", "current modify index", () -> {
            TxResponse refused = keys.performTransaction(Operation.builder(Verb.CHECK_INDEX)
                            .key("kiwi/t")
                            .index(BigInteger.ONE)
                            .build())
                    .getResponse();
            throw new IllegalArgumentException(refused.errors().toString());
        });
    }
}

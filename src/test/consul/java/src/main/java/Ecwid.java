import com.ecwid.consul.v1.ConsulClient;
import com.ecwid.consul.v1.QueryParams;
import com.ecwid.consul.v1.Response;
import com.ecwid.consul.v1.kv.model.GetValue;
import com.ecwid.consul.v1.kv.model.PutParams;
import com.ecwid.consul.v1.session.model.NewSession;
import com.ecwid.consul.v1.session.model.Session;
import java.util.List;
import java.util.Map;

/** Ecwid's consul-api, at a node's port. */
public final class Ecwid {
    private Ecwid() {}

    public static void main(String[] arguments) {
        ConsulClient consul = new ConsulClient("127.0.0.1", Integer.parseInt(arguments[0]));
        values(consul);
        waits(consul);
        locks(consul);
        cluster(consul);
        consul.deleteKVValues("ecwid/");
        Check.same("after the deletion", null, consul.getKVValues("ecwid/").getValue());
        System.out.println("Ecwid: passed");
    }

    private static void values(ConsulClient consul) {
        Check.holds("put", consul.setKVValue("ecwid/a", "eins").getValue());
        Check.same("get", "eins", consul.getKVValue("ecwid/a").getValue().getDecodedValue());
        Check.same("get with a token", "eins", consul.getKVValue("ecwid/a", "anything").getValue().getDecodedValue());
        Check.same("get of nothing", null, consul.getKVValue("ecwid/none").getValue());
        byte[] bytes = {0, -1, 10};
        Check.holds("put of bytes", consul.setKVBinaryValue("ecwid/bytes", bytes).getValue());
        byte[] read = consul.getKVBinaryValue("ecwid/bytes").getValue().getValue();
        Check.holds("get of bytes", java.util.Arrays.equals(bytes, read));
        Check.holds("put of nothing", consul.setKVValue("ecwid/folder/", "").getValue());
        Check.holds("put with a space", consul.setKVValue("ecwid/two words", "x").getValue());
        Check.same(
                "keys",
                List.of("ecwid/a", "ecwid/bytes", "ecwid/folder/", "ecwid/two words"),
                consul.getKVKeysOnly("ecwid/", "/", null).getValue());
        Check.same("values", 4, consul.getKVValues("ecwid/").getValue().size());
        PutParams absent = new PutParams();
        absent.setCas(0L);
        Check.holds("cas of 0 at a key that is there", !consul.setKVValue("ecwid/a", "zwei", absent).getValue());
        PutParams known = new PutParams();
        known.setCas(consul.getKVValue("ecwid/a").getValue().getModifyIndex());
        Check.holds("cas of the index", consul.setKVValue("ecwid/a", "zwei", known).getValue());
        Check.holds("cas of an old index", !consul.setKVValue("ecwid/a", "drei", known).getValue());
        consul.deleteKVValue("ecwid/a");
        Check.same("get of what was deleted", null, consul.getKVValue("ecwid/a").getValue());
    }

    private static void waits(ConsulClient consul) {
        long index = consul.getKVValues("ecwid/").getConsulIndex();
        Response<List<GetValue>> same = consul.getKVValues("ecwid/", new QueryParams(1, index));
        Check.same("a wait for nothing", index, same.getConsulIndex());
        Thread later = new Thread(() -> consul.setKVValue("ecwid/later", "x"));
        later.start();
        Response<List<GetValue>> news = consul.getKVValues("ecwid/", new QueryParams(20, index));
        Check.holds("a wait for a change", news.getConsulIndex() > index);
    }

    private static void locks(ConsulClient consul) {
        NewSession wish = new NewSession();
        wish.setName("ecwid");
        wish.setTtl("10s");
        wish.setLockDelay(0);
        String session = consul.sessionCreate(wish, QueryParams.DEFAULT).getValue();
        PutParams acquire = new PutParams();
        acquire.setAcquireSession(session);
        Check.holds("acquire", consul.setKVValue("ecwid/lock", "mine", acquire).getValue());
        Check.same("the holder", session, consul.getKVValue("ecwid/lock").getValue().getSession());
        Check.same("renew", session, consul.renewSession(session, QueryParams.DEFAULT).getValue().getId());
        Session info = consul.getSessionInfo(session, QueryParams.DEFAULT).getValue();
        Check.same("info", "ecwid 10s", info.getName() + " " + info.getTtl());
        Check.holds("list", consul.getSessionList(QueryParams.DEFAULT).getValue().stream()
                .anyMatch(each -> each.getId().equals(session)));
        PutParams unknown = new PutParams();
        unknown.setAcquireSession(Check.NO_SESSION);
        Check.fails(
                "acquire by nobody", "invalid session", () -> consul.setKVValue("ecwid/lock2", "x", unknown));
        consul.sessionDestroy(session, QueryParams.DEFAULT);
        Check.same("no holder", null, consul.getKVValue("ecwid/lock").getValue().getSession());
    }

    private static void cluster(ConsulClient consul) {
        Check.holds("leader", consul.getStatusLeader().getValue().startsWith("127.0.0.1:"));
        Check.holds("peers", consul.getStatusPeers().getValue().contains(consul.getStatusLeader().getValue()));
        Check.same("datacenter", "dc1", consul.getAgentSelf().getValue().getConfig().getDatacenter());
        Check.same("datacenters", List.of("dc1"), consul.getCatalogDatacenters().getValue());
        Check.same("services", Map.of(), consul.getCatalogServices(QueryParams.DEFAULT).getValue());
        Check.same(
                "healthy services", List.of(), consul.getHealthServices("none", true, QueryParams.DEFAULT).getValue());
    }
}

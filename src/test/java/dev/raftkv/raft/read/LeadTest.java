package dev.raftkv.raft.read;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.junit.jupiter.api.Test;

class LeadTest {
    private static final RaftPeerId SELF = RaftPeerId.valueOf("self");
    private static final RaftGroupId GROUP = RaftGroupId.randomId();

    private long term = 3;
    private boolean ready = true;
    private List<RaftPeer> before = List.of();
    private Optional<RaftServer.Division> held = Optional.of(division());

    /** A part in a group of which this test says what it is. */
    private RaftServer.Division division() {
        DivisionInfo info = (DivisionInfo)
                proxy(DivisionInfo.class, method -> method.equals("isLeaderReady") ? (Object) ready : (Object) term);
        RaftConfiguration members = (RaftConfiguration) proxy(
                RaftConfiguration.class, method -> method.equals("getPreviousPeers") ? before : peers("self", "b"));
        Map<String, Object> answers =
                Map.of("getInfo", info, "getRaftConf", members, "getMemberId", RaftGroupMemberId.valueOf(SELF, GROUP));
        return (RaftServer.Division) proxy(RaftServer.Division.class, answers::get);
    }

    private interface Answers {
        Object to(String method);
    }

    private static Object proxy(Class<?> type, Answers answers) {
        return Proxy.newProxyInstance(
                LeadTest.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> method.getName().equals("equals")
                        ? (Object) (proxy == arguments[0])
                        : answers.to(method.getName()));
    }

    private static List<RaftPeer> peers(String... ids) {
        return Stream.of(ids).map(id -> RaftPeer.newBuilder().setId(id).build()).toList();
    }

    private Optional<Lead> note(Runnable meanwhile) {
        return Lead.note(() -> held, () -> {
            meanwhile.run();
            return 8;
        });
    }

    private Optional<Lead> note() {
        return note(() -> {});
    }

    @Test
    void aLeaderKnowsItsVotersAndItsIndex() {
        assertEquals(Optional.of(new Lead(GROUP, 3, 8, List.of(SELF, RaftPeerId.valueOf("b")))), note());
    }

    @Test
    void whoIsNotReadyOrHoldsNoGroupKnowsNothing() {
        ready = false;
        assertEquals(Optional.empty(), note());
        held = Optional.empty();
        assertEquals(Optional.empty(), note());
    }

    @Test
    void whileTheVotersChangeThereIsNoRound() {
        before = peers("self");
        assertEquals(Optional.empty(), note());
    }

    @Test
    void whatIsOfTwoTermsOrGroupsDoesNotGoTogether() {
        assertEquals(Optional.empty(), note(() -> term++));
        assertEquals(Optional.empty(), note(() -> ready = false));
        ready = true;
        assertEquals(Optional.empty(), note(() -> held = Optional.of(division())));
        assertEquals(Optional.of(4L), note().map(Lead::term));
    }
}

package dev.raftkv.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Address;
import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.Identity;
import dev.raftkv.node.Quest.Seen;
import dev.raftkv.node.Quest.Step;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuestTest {
    private static final List<String> LIST = List.of("http://a", "http://b", "http://c");
    private static final Optional<Seen> NOBODY = Optional.empty();

    private final Identity a = node("a", Stage.ASKING, LIST);
    private final Identity b = node("b", Stage.ASKING, LIST);
    private final Identity c = node("c", Stage.ASKING, LIST);

    private static Identity node(String id, Stage stage, List<String> list) {
        return new Identity(
                id,
                new Address(id, 1),
                new Birth(stage, UUID.nameUUIDFromBytes(id.getBytes(StandardCharsets.UTF_8)), stage),
                list);
    }

    private static Optional<Seen> seen(Identity node) {
        boolean serving = node.birth().stage() == Stage.MEMBER;
        return Optional.of(new Seen(node.nodeId(), serving, 0, Optional.of(node)));
    }

    private static String waits(Step step) {
        return assertInstanceOf(Step.Wait.class, step).reason();
    }

    @Test
    void theFirstFoundsWhenAllOthersKnowNoCluster() {
        assertEquals(new Step.Found(), Quest.next(a, List.of(seen(a), seen(b), seen(c))));
        assertEquals(
                new Step.Found(),
                Quest.next(
                        node("a", Stage.ASKING, List.of("http://a")),
                        List.of(seen(node("a", Stage.ASKING, List.of("http://a"))))));
    }

    @Test
    void nobodyElseFounds() {
        assertTrue(waits(Quest.next(b, List.of(seen(a), seen(b), seen(c)))).contains("the first of them founds it"));
        assertTrue(waits(Quest.next(b, List.of(NOBODY, seen(b), seen(c)))).contains("the first of them founds it"));
    }

    @Test
    void theFirstWaitsForThoseWhoDoNotAnswer() {
        assertTrue(waits(Quest.next(a, List.of(seen(a), NOBODY, seen(c)))).contains("http://b does not answer"));
        assertTrue(waits(Quest.next(a, List.of(NOBODY, seen(b), seen(c)))).contains("the first of them founds it"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Stage.class,
            names = {"ENTERING", "REMOVED", "FOUNDING"})
    void theFirstDoesNotFoundBesideSomebodyWhoKnowsACluster(Stage stage) {
        waits(Quest.next(a, List.of(seen(a), seen(node("b", stage, LIST)), seen(c))));
    }

    @Test
    void theFirstDoesNotFoundBesideSomebodyWithAnotherList() {
        Identity other = node("b", Stage.ASKING, List.of("http://b", "http://a"));
        assertTrue(waits(Quest.next(a, List.of(seen(a), seen(other), seen(c)))).contains("http://b has another list"));
        Optional<Seen> old = Optional.of(new Seen("b", false, 0, Optional.empty()));
        waits(Quest.next(a, List.of(seen(a), old, seen(c))));
    }

    @Test
    void aMemberIsAskedWhereverItStands() {
        Optional<Seen> member = seen(node("c", Stage.MEMBER, LIST));
        assertEquals(new Step.Ask("http://c"), Quest.next(a, List.of(seen(a), seen(b), member)));
        assertEquals(new Step.Ask("http://c"), Quest.next(b, List.of(NOBODY, seen(b), member)));
        Optional<Seen> old = Optional.of(new Seen("b", true, 2, Optional.empty()));
        assertEquals(new Step.Ask("http://b"), Quest.next(a, List.of(seen(a), old, member)));
    }

    @Test
    void aNodeWhoseJoinBrokeOffAsksAndNeverFounds() {
        Identity entering = node("a", Stage.ENTERING, LIST);
        Optional<Seen> member = seen(node("c", Stage.MEMBER, LIST));
        assertEquals(new Step.Ask("http://c"), Quest.next(entering, List.of(seen(entering), seen(b), member)));
        assertTrue(waits(Quest.next(entering, List.of(seen(entering), seen(b), seen(c))))
                .contains("its join broke off"));
    }

    @Test
    void twoNodesWithOneIdAreBothNamedAndNeitherFoundsNorAsks() {
        Identity namesake = new Identity("a", new Address("z", 9), Birth.first(true, new UUID(7, 7)), LIST);
        String reason = waits(Quest.next(a, List.of(seen(a), seen(namesake), seen(c))));
        assertTrue(reason.contains("http://b (Raft address z:9, group " + new UUID(7, 7)), reason);
        assertTrue(reason.contains("Raft address a:1, group " + a.birth().group()), reason);
        waits(Quest.next(namesake, List.of(seen(a), seen(namesake), seen(c))));
        Identity sameAddress = new Identity("a", a.raftAddress(), Birth.first(true, new UUID(7, 7)), LIST);
        waits(Quest.next(sameAddress, List.of(seen(a), seen(sameAddress), seen(c))));
    }

    @Test
    void aGuestWaitsUntilTwoOfTheListKnowTheCluster() {
        Identity guest = node("x", Stage.ASKING, LIST);
        Optional<Seen> first = seen(node("a", Stage.MEMBER, LIST));
        Optional<Seen> second = seen(node("b", Stage.MEMBER, LIST));
        assertTrue(waits(Quest.next(guest, List.of(first, seen(b), seen(c)))).contains("two nodes of it are members"));
        assertEquals(new Step.Ask("http://a"), Quest.next(guest, List.of(first, second, NOBODY)));
        Identity alone = node("x", Stage.ASKING, List.of("http://a"));
        assertEquals(new Step.Ask("http://a"), Quest.next(alone, List.of(first)));
    }
}

package dev.raftkv.raft.look;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.look.Happening.Commit;
import dev.raftkv.raft.look.Happening.NewTerm;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EventsTest {
    private static final Instant START = Instant.parse("2026-11-26T12:00:00Z");

    private final List<Runnable> tasks = new ArrayList<>();
    private final Events events = startedAt(START);

    private Events startedAt(Instant start) {
        return new Events(Clock.fixed(start, ZoneOffset.UTC), tasks::add);
    }

    private EventFeed latest(int count) {
        return events.feed(OptionalLong.empty(), count, () -> {});
    }

    private static List<Happening> told(EventFeed feed) {
        return feed.poll(Integer.MAX_VALUE).stream().map(Event::what).toList();
    }

    private void terms(int from, int to) {
        IntStream.rangeClosed(from, to).forEach(term -> events.happened(new NewTerm(term)));
    }

    @Test
    void aFeedShowsWhatComesAfterItInOrderAndOnce() {
        terms(1, 2);
        EventFeed feed = latest(0);
        assertEquals(List.of(), told(feed));
        terms(3, 5);
        assertEquals(2, feed.poll(2).size());
        assertEquals(List.of(new NewTerm(5)), told(feed));
        assertEquals(List.of(), told(feed));
    }

    @Test
    void itCanBeginWithTheLatest() {
        terms(1, 5);
        assertEquals(List.of(new NewTerm(4), new NewTerm(5)), told(latest(2)));
        assertEquals(5, told(latest(1000)).size());
    }

    @Test
    void whoResumesMissesNothingAndSeesNothingTwice() {
        terms(1, 3);
        EventFeed feed = latest(3);
        feed.poll(2);
        feed.close();
        terms(4, 4);
        assertEquals(
                List.of(new NewTerm(3), new NewTerm(4)),
                told(events.feed(OptionalLong.of(feed.position()), 0, () -> {})));
    }

    /** A leader that commits all day still knows its election. */
    @Test
    void ofCommitsTheNewestIsKeptInItsPlaceAndPushesNothingOut() {
        terms(1, Events.KEPT - 1);
        EventFeed early = latest(0);
        IntStream.range(0, 5000).forEach(index -> events.happened(new Commit(index)));
        terms(Events.KEPT, Events.KEPT);
        assertEquals(List.of(new Commit(4999), new NewTerm(Events.KEPT)), told(early));
        List<Happening> all = told(latest(Events.KEPT + 1));
        assertEquals(Events.KEPT + 1, all.size());
        assertEquals(new NewTerm(1), all.get(0));
        assertEquals(new Commit(4999), all.get(Events.KEPT - 1));
    }

    @Test
    void whatIsForgottenIsToldWithTheOldestThatIsThere() {
        EventFeed behind = latest(0);
        terms(1, Events.KEPT);
        long oldest = behind.position() + 1;
        assertEquals(
                Events.KEPT,
                events.feed(OptionalLong.of(oldest - 1), 0, () -> {}).poll(2000).size());
        terms(1, 1);
        for (KvException told : List.of(
                assertThrows(KvException.class, () -> behind.poll(1)),
                assertThrows(KvException.class, () -> events.feed(OptionalLong.of(oldest - 1), 0, () -> {})))) {
            assertEquals(Code.FORGOTTEN, told.code());
            assertEquals(oldest + 1, told.revision().orElseThrow());
        }
        assertEquals(Events.KEPT, told(latest(2000)).size());
    }

    @Test
    void anIdOfAnEarlierStartOrOfNoneIsForgotten() {
        terms(1, 5);
        EventFeed seen = latest(0);
        Events restarted = startedAt(START.plusMillis(1));
        restarted.happened(new NewTerm(6));
        String told = assertThrows(
                        KvException.class, () -> restarted.feed(OptionalLong.of(seen.position()), 0, () -> {}))
                .getMessage();
        assertTrue(told.contains("before this node's last start"), told);
        told = assertThrows(KvException.class, () -> events.feed(OptionalLong.of(seen.position() + 1), 0, () -> {}))
                .getMessage();
        assertTrue(told.contains("has had no event"), told);
    }

    @Test
    void idsAreWholeNumbersOfJavaScript() {
        terms(1, 1);
        long id = latest(1).poll(1).get(0).id();
        assertTrue(id > 0 && id < 1L << 53, () -> "id " + id);
    }

    /** However much happens, one task waits to wake all. */
    @Test
    void feedsAreWokenByOneTaskForAllThatHasHappened() {
        List<String> woken = new ArrayList<>();
        events.feed(OptionalLong.empty(), 0, () -> woken.add("a"));
        EventFeed closed = events.feed(OptionalLong.empty(), 0, () -> woken.add("b"));
        terms(1, 100);
        assertEquals(1, tasks.size());
        closed.close();
        tasks.remove(0).run();
        assertEquals(List.of("a"), woken);
        terms(1, 1);
        assertEquals(1, tasks.size());
    }

    @Test
    void nobodyIsWokenWhereNobodyLooks() {
        terms(1, 100);
        assertEquals(List.of(), tasks);
    }

    @Test
    void thereIsALimitOfFeedsAndAPlaceComesBack() {
        List<EventFeed> open =
                IntStream.range(0, Events.MOST_FEEDS).mapToObj(i -> latest(0)).toList();
        assertEquals(
                Code.UNAVAILABLE,
                assertThrows(KvException.class, () -> latest(0)).code());
        open.get(7).close();
        open.get(7).close();
        latest(0);
        assertEquals(Events.MOST_FEEDS, events.feeds());
    }

    @Test
    void aNodeThatStopsEndsFeedsAndTakesNoMore() {
        EventFeed feed = latest(0);
        terms(1, 1);
        events.close();
        assertEquals(List.of(new NewTerm(1)), told(feed));
        assertTrue(feed.end().orElseThrow().contains("stopping"));
        assertEquals(
                Code.UNAVAILABLE,
                assertThrows(KvException.class, () -> latest(0)).code());
    }
}

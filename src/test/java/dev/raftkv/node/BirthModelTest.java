package dev.raftkv.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.raftkv.model.Address;
import dev.raftkv.model.Birth;
import dev.raftkv.model.Birth.Stage;
import dev.raftkv.model.Identity;
import dev.raftkv.node.Quest.Seen;
import dev.raftkv.node.Quest.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The births of the nodes of one list, in a model: real decisions and real steps on disks that are maps, and a cluster that is
 * a set of members. Nodes start, stop and die between any two steps, a join too; one disk is lost. Two clusters never come out
 * of it, and when all is well again, one does.
 */
class BirthModelTest {
    private static final int STEPS = 400;

    /** A group that somebody has founded, and its committed members, by number. */
    private static final class Group {
        private final Set<Integer> members = new LinkedHashSet<>();
        /** Those whose disks hold what was acknowledged. */
        private final Set<Integer> holders = new HashSet<>();
    }

    /** All of the world at one moment. */
    private static final class World {
        private final Random random;
        private final int size;
        private final int guests;
        private final List<String> list;
        private final Map<Integer, Birth> disks = new HashMap<>();
        private final Set<Integer> running = new HashSet<>();
        private final Map<UUID, Group> groups = new HashMap<>();
        /** What a node has seen in the round that it is in. */
        private final Map<Integer, List<Optional<Seen>>> looks = new HashMap<>();

        private final Map<Integer, Identity> selves = new HashMap<>();

        private final List<String> story = new ArrayList<>();
        private boolean lost;

        World(long seed, int size, int guests) {
            this.random = new Random(seed);
            this.size = size;
            this.guests = guests;
            this.list =
                    IntStream.range(0, size).mapToObj(node -> "http://n" + node).toList();
        }

        private int all() {
            return size + guests;
        }

        private UUID uuid() {
            return new UUID(random.nextLong(), random.nextLong());
        }

        private void tell(String what) {
            story.add(what);
        }

        private Identity identity(int node) {
            return new Identity("node" + node, new Address("n" + node, 1), disks.get(node), list);
        }

        private Optional<Seen> seen(int node) {
            if (!running.contains(node)) {
                return Optional.empty();
            }
            Identity identity = identity(node);
            boolean serving = identity.birth().stage() == Stage.MEMBER;
            long others = serving ? groups.get(identity.birth().group()).members.size() - 1 : 0;
            return Optional.of(new Seen(identity.nodeId(), serving, others, Optional.of(identity)));
        }

        void start(int node) {
            Birth disk = disks.get(node);
            disks.put(node, disk == null ? Birth.first(true, uuid()) : disk.started(true));
            running.add(node);
            tell("start " + node + " " + disks.get(node).stage());
        }

        void stop(int node) {
            running.remove(node);
            looks.remove(node);
            tell("stop " + node);
        }

        void lose(int node) {
            stop(node);
            disks.remove(node);
            lost = true;
            tell("disk of " + node + " is lost");
            groups.values().forEach(group -> group.holders.remove(node));
        }

        /** One address of the list is looked at; when all are, the node acts on what it has seen, old as it may be. */
        void step(int node) {
            Birth birth = disks.get(node);
            if (birth.stage() == Stage.FOUNDING) {
                disks.put(node, birth.born());
                Group group = new Group();
                group.members.add(node);
                group.holders.add(node);
                groups.put(birth.group(), group);
                tell(node + " has founded");
                return;
            }
            if (birth.stage() == Stage.MEMBER || birth.stage() == Stage.REMOVED) {
                return;
            }
            List<Optional<Seen>> look = looks.computeIfAbsent(node, key -> new ArrayList<>());
            if (look.isEmpty()) {
                selves.put(node, identity(node));
            }
            if (look.size() < size) {
                look.add(seen(look.size()));
                return;
            }
            looks.remove(node);
            if (!selves.get(node).equals(identity(node))) {
                return;
            }
            Step step = Quest.next(identity(node), look);
            if (step instanceof Step.Found) {
                disks.put(node, birth.founds());
                tell(node + " founds");
            } else if (step instanceof Step.Ask ask) {
                join(node, list.indexOf(ask.address()));
            }
        }

        /** Each of its steps may be the last. */
        private void join(int node, int at) {
            Birth cluster = running.contains(at) ? disks.get(at) : null;
            if (cluster == null || cluster.stage() != Stage.MEMBER) {
                return;
            }
            Group group = groups.get(cluster.group());
            Birth joiner = disks.get(node);
            if (group.members.contains(node)) {
                if (!group.holders.contains(node)) {
                    tell(node + " is a member and has lost its data");
                } else if (joiner.stage() == Stage.ENTERING && joiner.group().equals(cluster.group())) {
                    disks.put(node, joiner.born());
                }
                return;
            }
            long reached = group.members.stream().filter(running::contains).count();
            if (reached * 2 <= group.members.size()) {
                return;
            }
            if (!joiner.held().equals(Optional.of(cluster.group()))) {
                disks.put(node, joiner.enters(cluster.group()));
                tell(node + " enters the group of " + at);
            }
            if (dies(node, at)) {
                return;
            }
            group.members.add(node);
            group.holders.add(node);
            tell(node + " is a member");
            if (dies(node, at)) {
                return;
            }
            disks.put(node, disks.get(node).born());
        }

        private boolean dies(int node, int at) {
            int dice = random.nextInt(10);
            if (dice > 1) {
                return false;
            }
            stop(dice == 0 ? node : at);
            return true;
        }

        /** What serves, or could without anybody's help: members of it whose disks hold it. */
        Set<UUID> clusters() {
            return IntStream.range(0, all())
                    .filter(node -> disks.containsKey(node) && belongs(node, disks.get(node)))
                    .mapToObj(node -> disks.get(node).group())
                    .collect(Collectors.toSet());
        }

        /** A member may not know yet that it is one. */
        private boolean belongs(int node, Birth birth) {
            return birth.stage() == Stage.MEMBER
                    || birth.held()
                            .map(groups::get)
                            .filter(group -> group.members.contains(node))
                            .isPresent();
        }

        void check() {
            if (clusters().size() > 1) {
                fail("two clusters:\n" + String.join("\n", story));
            }
        }

        void anything() {
            int node = random.nextInt(all());
            int dice = random.nextInt(100);
            if (!running.contains(node)) {
                if (dice < 30) {
                    start(node);
                }
            } else if (dice < 3) {
                stop(node);
            } else if (dice == 3 && !lost) {
                lose(node);
            } else {
                step(node);
            }
        }

        void calm() {
            for (int round = 0; round < 20; round++) {
                for (int node = 0; node < all(); node++) {
                    if (!running.contains(node)) {
                        start(node);
                    }
                    for (int i = 0; i <= size; i++) {
                        if (running.contains(node)) {
                            step(node);
                        }
                        check();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"3,0", "3,2", "2,0", "5,1"})
    void twoClustersNeverComeOutOfOneList(int size, int guests) {
        for (long seed = 0; seed < 1500; seed++) {
            World world = new World(seed, size, guests);
            for (int i = 0; i < STEPS; i++) {
                world.anything();
                world.check();
            }
            world.calm();
            if (!world.lost) {
                assertEquals(1, world.clusters().size(), "seed " + seed + "\n" + String.join("\n", world.story));
                for (int node = 0; node < size + guests; node++) {
                    assertEquals(
                            Stage.MEMBER,
                            world.disks.get(node).stage(),
                            "seed " + seed + ", node " + node + "\n" + String.join("\n", world.story));
                }
            }
        }
    }

    /** The model can see what it is there for: with a list that is not asked whole, a lost disk gives two clusters. */
    @Test
    void aNodeThatFoundsWithoutBeingToldByAllGivesTwoClusters() {
        World world = new World(1, 3, 0);
        for (int node = 0; node < 3; node++) {
            world.start(node);
        }
        for (int i = 0; i < 20; i++) {
            world.step(0);
            world.step(1);
        }
        assertEquals(1, world.clusters().size());
        world.stop(1);
        world.lose(0);
        world.start(0);
        Birth again = world.disks.get(0);
        List<Optional<Seen>> look = List.of(world.seen(0), Optional.empty(), world.seen(2));
        assertTrue(Quest.next(world.identity(0), look) instanceof Step.Wait);
        world.disks.put(0, again.founds());
        world.step(0);
        assertEquals(2, world.clusters().size());
    }
}

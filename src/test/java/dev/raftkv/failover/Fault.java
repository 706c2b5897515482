package dev.raftkv.failover;

import dev.raftkv.testkit.Tool;
import java.io.IOException;
import java.nio.file.Path;

/** What happens to the leader, and how it ends. */
enum Fault {
    KILL("kill -9") {
        @Override
        void begin(Nodes nodes, int leader) throws IOException {
            signal(nodes, leader, "KILL");
        }

        @Override
        void end(Nodes nodes, int leader) throws IOException {
            nodes.restart(leader);
        }
    },
    TERM("SIGTERM") {
        @Override
        void begin(Nodes nodes, int leader) throws IOException {
            signal(nodes, leader, "TERM");
        }

        @Override
        void end(Nodes nodes, int leader) throws IOException {
            nodes.restart(leader);
        }
    },
    PAUSE("stands still") {
        @Override
        void begin(Nodes nodes, int leader) throws IOException {
            signal(nodes, leader, "STOP");
        }

        @Override
        void end(Nodes nodes, int leader) throws IOException {
            signal(nodes, leader, "CONT");
        }
    },
    CUT("cut off") {
        @Override
        void begin(Nodes nodes, int leader) throws IOException {
            nodes.network().orElseThrow().cut(leader);
        }

        @Override
        void end(Nodes nodes, int leader) throws IOException {
            nodes.network().orElseThrow().heal(leader);
        }
    };

    private final String words;

    Fault(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }

    /** Whether the process goes on, so that it can be told how soon it follows again. */
    boolean isSurvived() {
        return this == PAUSE || this == CUT;
    }

    abstract void begin(Nodes nodes, int leader) throws IOException;

    /** Returns when the node runs again. */
    abstract void end(Nodes nodes, int leader) throws IOException;

    private static void signal(Nodes nodes, int node, String name) throws IOException {
        String pid = Long.toString(nodes.process(node).pid());
        Tool.Result result = Tool.run(Path.of("."), "", "kill", "-" + name, pid);
        if (result.exit() != 0) {
            throw new IOException("kill -" + name + " " + pid + ": " + result.output());
        }
    }
}

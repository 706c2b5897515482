package dev.raftkv.rest.cluster;

import dev.raftkv.peer.NodeBody;
import dev.raftkv.rest.http.Live;

/** A long body on its way from the leader to a client, which decides how fast it goes. Thread-safe. */
final class Relay implements Live {
    private final NodeBody leader;

    Relay(NodeBody leader) {
        this.leader = leader;
    }

    @Override
    public void begin(Runnable wake) {
        leader.begin(wake);
    }

    @Override
    public byte[] next() {
        return leader.next();
    }

    /** While there is nothing, the leader is silent; the limit for that is the connection's. */
    @Override
    public void heartbeat() {}

    @Override
    public void tooSlow() {}

    @Override
    public void giveWay() {}

    @Override
    public void cutOff() {}

    @Override
    public void close() {
        leader.close();
    }
}

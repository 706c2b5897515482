package dev.raftkv.raft.ratis;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.server.RaftServer;

/** A server that runs, and whose next append throws. */
public final class FailingServer {
    private FailingServer() {}

    /** As other nodes reach it. */
    public static RaftServer of(RaftServer running, Error next) {
        AtomicBoolean thrown = new AtomicBoolean();
        return SyncedAppends.of((RaftServer) Proxy.newProxyInstance(
                FailingServer.class.getClassLoader(), new Class<?>[] {RaftServer.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("appendEntriesAsync") && thrown.compareAndSet(false, true)) {
                        throw next;
                    }
                    return method.invoke(running, arguments);
                }));
    }
}

package dev.raftkv.rest;

import dev.raftkv.config.NodeConfig.Consul;
import dev.raftkv.kv.KvService;
import dev.raftkv.rest.consul.ConsulApi;
import dev.raftkv.rest.consul.ConsulReads;
import dev.raftkv.rest.consul.ConsulRouting;
import dev.raftkv.rest.consul.about.Datacenter;
import dev.raftkv.rest.consul.about.LeftOut;
import dev.raftkv.rest.consul.session.ConsulSessions;
import dev.raftkv.rest.consul.txn.ConsulTxn;
import dev.raftkv.rest.http.Operation;
import java.util.ArrayList;
import java.util.List;

/** What clients of Consul find beside keys. */
record ConsulRooms(KvService kv, String nodeId, Consul settings) implements ConsulApi.Others {
    @Override
    public List<Operation> operations(ConsulRouting routing, ConsulReads reads) {
        List<Operation> all = new ArrayList<>();
        all.addAll(new ConsulSessions(kv, routing, reads, nodeId, settings.minTtl()).all());
        all.addAll(new ConsulTxn(kv, routing, reads, LeftOut.text("services")).all());
        all.addAll(new Datacenter(kv, reads, settings).all());
        all.addAll(LeftOut.all());
        return all;
    }
}

package dev.raftkv.bench.peer;

import java.util.List;
import java.util.function.Function;

/** All that can be measured, by the words that choose them. */
public enum Products {
    RAFTKV(Raftkv::new),
    ETCD(jvm -> new Etcd()),
    ZOOKEEPER(jvm -> new ZooKeeper());

    private final Function<List<String>, Product> maker;

    Products(Function<List<String>, Product> maker) {
        this.maker = maker;
    }

    /** @param jvm what the JVMs of raftkv are given after the settings of {@code deploy} */
    public Product make(List<String> jvm) {
        return maker.apply(jvm);
    }
}

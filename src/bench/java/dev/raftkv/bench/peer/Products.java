package dev.raftkv.bench.peer;

import dev.raftkv.testkit.Build;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** All that can be measured, by the words that choose them. */
public enum Products {
    RAFTKV(jvm -> new Raftkv("raftkv", Build.war(), jvm)),
    CONSUL(jvm -> new RaftkvAsConsul("raftkv-consul", Build.war(), jvm)),
    ETCD(jvm -> new Etcd()),
    ZOOKEEPER(jvm -> new ZooKeeper());

    private final Function<List<String>, Product> maker;

    Products(Function<List<String>, Product> maker) {
        this.maker = maker;
    }

    /** raftkv from another WAR, by a name of its own. */
    public static Product of(String name, Path war, List<String> jvm) {
        return new Raftkv(name, war, jvm);
    }

    /** @param jvm what the JVMs of raftkv are given after the settings of {@code deploy} */
    public Product make(List<String> jvm) {
        return maker.apply(jvm);
    }
}

package dev.raftkv.testkit;

import java.io.IOException;
import java.nio.file.Path;

/** The servers that raftkv is supported in. */
public enum Container implements NodeCommand {
    TOMCAT_10_1 {
        @Override
        ServerCommand prepare(NodeSpec node, Path base) throws IOException {
            return new Tomcat(Build.server("tomcat10.home"), Build.deploy()).node(node, base, Build.war());
        }
    },
    TOMCAT_11 {
        @Override
        ServerCommand prepare(NodeSpec node, Path base) throws IOException {
            return new Tomcat(Build.server("tomcat11.home"), Build.deploy()).node(node, base, Build.war());
        }
    },
    JETTY_12_1 {
        @Override
        ServerCommand prepare(NodeSpec node, Path base) throws IOException {
            return new Jetty(Build.server("jetty.home"), Build.deploy()).node(node, base, Build.war());
        }
    };

    abstract ServerCommand prepare(NodeSpec node, Path base) throws IOException;

    @Override
    public ServerCommand node(NodeSpec node, Path base) throws IOException {
        return prepare(node, base).with("JDK_JAVA_OPTIONS", Build.SHORT_LIFE);
    }
}

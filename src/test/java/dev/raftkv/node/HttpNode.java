package dev.raftkv.node;

import dev.raftkv.rest.RestApplication;
import dev.raftkv.rest.access.Login;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import java.util.Set;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** The HTTP API of a node on a port. */
record HttpNode(Server server, RestApplication api) implements AutoCloseable {
    static HttpNode start(Node node, int port) {
        RestApplication api = new RestApplication(node);
        api.start();
        Server server = new Server();
        HttpConfiguration http = new HttpConfiguration();
        // As the embedded server does: keys have slashes that clients of Consul encode.
        http.setUriCompliance(UriCompliance.UNSAFE);
        ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
        connector.setHost("127.0.0.1");
        connector.setPort(port);
        server.addConnector(connector);
        ServletContextHandler webapp = new ServletContextHandler("/");
        ServletHolder servlet = new ServletHolder(api.servlet());
        servlet.setAsyncSupported(true);
        webapp.addServlet(servlet, "/*");
        api.consulServlet().ifPresent(consul -> {
            ServletHolder holder = new ServletHolder(consul);
            holder.setAsyncSupported(true);
            webapp.addServlet(holder, "/v1/*");
        });
        webapp.getServletHandler().setDecodeAmbiguousURIs(true);
        FilterHolder gate = new FilterHolder(api.gate(Login.NONE, Set.of()));
        gate.setAsyncSupported(true);
        webapp.addFilter(gate, "/*", EnumSet.of(DispatcherType.REQUEST));
        server.setHandler(webapp);
        try {
            server.start();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return new HttpNode(server, api);
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        api.close();
    }
}

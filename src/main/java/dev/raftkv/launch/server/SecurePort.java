package dev.raftkv.launch.server;

import dev.raftkv.tls.Tls;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.DetectorConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Scheduler;

/** A port for HTTPS. Clients may show a certificate; one that is not good ends the connection. */
final class SecurePort {
    private SecurePort() {}

    /** @param plain for requests that come without encryption, which the port hands on all the same */
    static ServerConnector connector(Server server, HttpConfiguration plain, Tls tls, int selectors) {
        HttpConfiguration secure = new HttpConfiguration(plain);
        // Clients look whether the certificate is for the name that they ask; others may reach the node by more of
        // them.
        secure.addCustomizer(new SecureRequestCustomizer(false));
        SslConnectionFactory encryption = new SslConnectionFactory(encryption(tls), HttpVersion.HTTP_1_1.asString());
        ServerConnector connector = new ServerConnector(
                server,
                -1,
                selectors,
                new FirstByte(encryption, new HttpConnectionFactory(plain)),
                encryption,
                new HttpConnectionFactory(secure));
        connector.addBean(new Rereading(tls, connector.getScheduler()));
        return connector;
    }

    private static SslContextFactory.Server encryption(Tls tls) {
        SslContextFactory.Server encryption = new SslContextFactory.Server();
        encryption.setSslContext(tls.context());
        encryption.setWantClientAuth(true);
        // As the context has them: it knows which are good, and which is the fastest.
        encryption.setExcludeProtocols();
        encryption.setExcludeCipherSuites();
        encryption.setIncludeCipherSuites(
                tls.context().getDefaultSSLParameters().getCipherSuites());
        return encryption;
    }

    /** Tells encrypted connections from others by how they begin. */
    private static final class FirstByte extends DetectorConnectionFactory {
        private final ConnectionFactory unencrypted;

        FirstByte(SslConnectionFactory encryption, ConnectionFactory unencrypted) {
            super(encryption);
            this.unencrypted = unencrypted;
        }

        @Override
        protected void nextProtocol(Connector connector, EndPoint endPoint, ByteBuffer buffer) {
            upgradeToConnectionFactory(unencrypted, connector, endPoint);
        }
    }

    /** Looks for new certificates while the server runs. */
    private static final class Rereading extends AbstractLifeCycle {
        private static final Duration PAUSE = Duration.ofSeconds(10);

        private final Tls tls;
        private final Scheduler scheduler;
        private volatile Scheduler.Task next;

        Rereading(Tls tls, Scheduler scheduler) {
            this.tls = tls;
            this.scheduler = scheduler;
        }

        @Override
        protected void doStart() {
            next = scheduler.schedule(this::look, PAUSE.toSeconds(), TimeUnit.SECONDS);
        }

        private void look() {
            // The node reads the same directory, and tells what it finds.
            tls.rereadQuietly();
            if (isRunning()) {
                doStart();
            }
        }

        @Override
        protected void doStop() {
            next.cancel();
        }
    }
}

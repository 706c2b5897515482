package dev.raftkv.tls;

import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** What two engines have agreed on, without a network. */
record Handshake(
        X509Certificate[] shownByClient, X509Certificate[] shownByServer, String protocol, long createdMillis) {
    private static final int BUFFER = 1 << 16;
    private static final int MOST_ROUNDS = 100;

    /** @throws SSLException the first that one of them finds wrong */
    static Handshake between(SSLEngine client, SSLEngine server) throws SSLException {
        ByteBuffer toServer = ByteBuffer.allocate(BUFFER);
        ByteBuffer toClient = ByteBuffer.allocate(BUFFER);
        client.beginHandshake();
        server.beginHandshake();
        for (int round = 0; round < MOST_ROUNDS; round++) {
            step(client, toClient, toServer);
            step(server, toServer, toClient);
        }
        return new Handshake(
                (X509Certificate[]) server.getSession().getPeerCertificates(),
                (X509Certificate[]) client.getSession().getPeerCertificates(),
                client.getSession().getProtocol(),
                client.getSession().getCreationTime());
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        ByteBuffer application = ByteBuffer.allocate(BUFFER);
        HandshakeStatus status = engine.getHandshakeStatus();
        if (status == HandshakeStatus.NEED_TASK) {
            engine.getDelegatedTask().run();
        } else if (status == HandshakeStatus.NEED_WRAP) {
            engine.wrap(ByteBuffer.allocate(0), out);
        } else if (in.position() > 0) {
            in.flip();
            SSLEngineResult result = engine.unwrap(in, application);
            in.compact();
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                throw new SSLPeerUnverifiedException("closed");
            }
        }
    }
}

package dev.raftkv.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Sockets by the factory of the moment. The same object stays, because the JDK keeps connections by their factory. */
final class LiveSockets extends SSLSocketFactory {
    private final Supplier<SSLSocketFactory> now;
    private final Supplier<SSLParameters> parameters;

    LiveSockets(Supplier<SSLSocketFactory> now, Supplier<SSLParameters> parameters) {
        this.now = now;
        this.parameters = parameters;
    }

    private Socket prepared(Socket socket) {
        ((SSLSocket) socket).setSSLParameters(parameters.get());
        return socket;
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return parameters.get().getCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return parameters.get().getCipherSuites();
    }

    @Override
    public Socket createSocket() throws IOException {
        return prepared(now.get().createSocket());
    }

    @Override
    public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
        return prepared(now.get().createSocket(socket, host, port, autoClose));
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return prepared(now.get().createSocket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return prepared(now.get().createSocket(host, port, localHost, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return prepared(now.get().createSocket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        return prepared(now.get().createSocket(address, port, localAddress, localPort));
    }
}

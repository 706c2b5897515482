package dev.raftkv.lab.fault;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A program that stands for a node where networks are tested: it sends back each line, and asks others for the same. Its
 * connections stay open. It is told by lines what to do: {@code ask HOST PORT MILLIS}, or {@code heard}.
 */
final class Peer {
    private static final AtomicInteger HEARD = new AtomicInteger();

    private Peer() {}

    /** @param arguments hosts and ports in turn: where it listens */
    public static void main(String[] arguments) throws IOException {
        for (int i = 0; i < arguments.length; i += 2) {
            ServerSocket server = new ServerSocket();
            server.bind(new InetSocketAddress(arguments[i], Integer.parseInt(arguments[i + 1])));
            new Thread(() -> accept(server)).start();
        }
        Map<String, Asker> askers = new HashMap<>();
        BufferedReader commands = reader(System.in);
        System.out.println("listens");
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ");
            if (words[0].equals("heard")) {
                System.out.println(HEARD);
            } else {
                String address = words[1] + ":" + words[2];
                Asker asker = askers.computeIfAbsent(address, key -> new Asker(words[1], Integer.parseInt(words[2])));
                System.out.println(asker.ask(Integer.parseInt(words[3])));
            }
        }
        System.exit(0);
    }

    private static void accept(ServerSocket server) {
        while (true) {
            try {
                Socket socket = server.accept();
                new Thread(() -> echo(socket)).start();
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void echo(Socket socket) {
        try (socket) {
            BufferedReader in = reader(socket.getInputStream());
            PrintStream out = new PrintStream(socket.getOutputStream(), true, StandardCharsets.UTF_8);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                HEARD.incrementAndGet();
                out.println(line);
            }
        } catch (IOException e) {
            // The other one has gone.
        }
    }

    private static BufferedReader reader(InputStream in) {
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    /** A connection to another peer. */
    private static final class Asker {
        private final String host;
        private final int port;
        private Socket socket;
        private BufferedReader in;
        private int number;

        Asker(String host, int port) {
            this.host = host;
            this.port = port;
        }

        /** What came back: {@code ok} and milliseconds, or {@code silent} and why. */
        String ask(int limitMillis) {
            long start = System.nanoTime();
            try {
                if (socket == null) {
                    Socket connecting = new Socket();
                    connecting.connect(new InetSocketAddress(host, port), limitMillis);
                    socket = connecting;
                    in = reader(socket.getInputStream());
                }
                socket.setSoTimeout(limitMillis);
                String question = "question " + ++number;
                socket.getOutputStream().write((question + "\n").getBytes(StandardCharsets.UTF_8));
                for (String line = in.readLine(); !question.equals(line); line = in.readLine()) {
                    if (line == null) {
                        socket = null;
                        return "silent: closed";
                    }
                }
                return "ok " + (System.nanoTime() - start) / 1_000_000;
            } catch (IOException e) {
                return "silent: " + e;
            }
        }
    }
}

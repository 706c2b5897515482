package dev.raftkv.launch;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code java -jar raftkv.war restore}: puts a backup of a file into a cluster, when it was found whole. */
final class RestoreCommand {
    static final String USAGE = "URL FILE [" + BackupArguments.REPLACE + "] " + BackupArguments.OPTIONS;

    private final BackupArguments arguments;
    private final ProgressLine progress;

    private RestoreCommand(BackupArguments arguments, ProgressLine progress) {
        this.arguments = arguments;
        this.progress = progress;
    }

    static void run(List<String> words, PrintStream out, PrintStream error) throws LaunchException {
        BackupArguments arguments = BackupArguments.parse(LaunchCommand.RESTORE, words, System.getenv());
        new RestoreCommand(arguments, new ProgressLine(error)).send(out);
    }

    private void send(PrintStream out) throws LaunchException {
        Path file = arguments.file();
        try {
            progress.say("checking " + file);
            long keys = BackupFile.keysOf(file);
            progress.say(keys + " keys, " + Files.size(file) + " bytes");
            BackupClient client = new BackupClient(
                    arguments, staged -> progress.say(staged + " of " + keys + " keys are in the cluster's log"));
            HttpResponse<InputStream> answer = client.send(client.requestToLeader("/restore" + query())
                    .header("Content-Type", "application/x-ndjson")
                    .POST(BodyPublishers.fromPublisher(
                            BodyPublishers.ofInputStream(this::open), Math.max(1, Files.size(file)))));
            try (InputStream body = answer.body()) {
                out.print(new String(body.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new LaunchException("cannot restore " + file + " (" + BackupClient.reason(e) + ")", e);
        }
    }

    private String query() {
        List<String> parameters = new ArrayList<>();
        if (arguments.replace()) {
            parameters.add("replace");
        }
        if (!arguments.prefix().isEmpty()) {
            parameters.add("prefix=" + URLEncoder.encode(arguments.prefix(), StandardCharsets.UTF_8));
        }
        return parameters.isEmpty() ? "" : "?" + String.join("&", parameters);
    }

    private InputStream open() {
        try {
            return new Counted(Files.newInputStream(arguments.file()), progress);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells how much of it was read. */
    private static final class Counted extends FilterInputStream {
        private final ProgressLine progress;
        private long count;

        Counted(InputStream file, ProgressLine progress) {
            super(file);
            this.progress = progress;
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            int taken = super.read(target, from, length);
            count += Math.max(0, taken);
            if (taken < 0) {
                progress.say("all is sent; the cluster checks it and takes it over");
            } else {
                progress.show("sent", count);
            }
            return taken;
        }
    }
}

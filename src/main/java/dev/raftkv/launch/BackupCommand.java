package dev.raftkv.launch;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** {@code java -jar raftkv.war backup}: a backup in a file, which has its name only when it is whole. */
final class BackupCommand {
    static final String USAGE = "URL FILE[.gz] " + BackupArguments.OPTIONS;

    private static final int STEP = 64 * 1024;

    private final BackupArguments arguments;
    private final ProgressLine progress;

    private BackupCommand(BackupArguments arguments, ProgressLine progress) {
        this.arguments = arguments;
        this.progress = progress;
    }

    static void run(List<String> words, PrintStream out, PrintStream error) throws LaunchException {
        BackupArguments arguments = BackupArguments.parse(LaunchCommand.BACKUP, words, System.getenv());
        new BackupCommand(arguments, new ProgressLine(error)).make(out);
    }

    private void make(PrintStream out) throws LaunchException {
        Path file = arguments.file().toAbsolutePath();
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            HttpResponse<InputStream> answer = answer(file);
            receive(answer, part);
            progress.say("checking");
            long keys = BackupFile.keysOf(part);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            sync(file.getParent());
            out.println(file + ": " + keys + " keys at revision "
                    + answer.headers().firstValue("Store-Revision").orElse("?") + ", " + Files.size(file) + " bytes");
        } catch (IOException e) {
            throw new LaunchException(
                    "the backup broke off (" + BackupClient.reason(e) + "): what has come is in " + part
                            + ". Try again, and look whether the disk has room",
                    e);
        }
    }

    private HttpResponse<InputStream> answer(Path file) throws LaunchException {
        BackupClient client = new BackupClient(arguments, keys -> {});
        String prefix = arguments.prefix().isEmpty()
                ? ""
                : "?prefix=" + URLEncoder.encode(arguments.prefix(), StandardCharsets.UTF_8);
        HttpRequest.Builder request = client.request("/backup" + prefix);
        if (file.toString().endsWith(".gz")) {
            request.header("Accept-Encoding", "gzip");
        }
        return client.send(request);
    }

    private void receive(HttpResponse<InputStream> answer, Path part) throws IOException {
        try (InputStream in = answer.body();
                FileChannel target = FileChannel.open(
                        part,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            byte[] step = new byte[STEP];
            long received = 0;
            for (int count = in.read(step); count >= 0; count = in.read(step)) {
                ByteBuffer bytes = ByteBuffer.wrap(step, 0, count);
                while (bytes.hasRemaining()) {
                    target.write(bytes);
                }
                received += count;
                progress.show("received", received);
            }
            target.force(true);
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}

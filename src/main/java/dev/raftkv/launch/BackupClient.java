package dev.raftkv.launch;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Asks a node, waits where it says that it cannot now, and goes where it sends. Belongs to one thread. */
final class BackupClient {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    /** For how long a node that cannot now is asked again. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Duration NEWS = Duration.ofSeconds(2);
    private static final Pattern STAGED = Pattern.compile("\"restore\":\\{\"keys\":(\\d{1,18}),");
    private static final int MOST_REDIRECTS = 5;
    private static final int MOST_OF_AN_ERROR = 64 * 1024;
    private static final Pattern SENTENCE = Pattern.compile("\"detail\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

    private final BackupArguments arguments;
    private final LongConsumer staged;
    private final HttpClient http;

    /** @param staged told, while an answer is waited for, how many keys of a restore have come */
    BackupClient(BackupArguments arguments, LongConsumer staged) throws LaunchException {
        this.arguments = arguments;
        this.staged = staged;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT);
        if (arguments.authority().isPresent()) {
            builder.sslContext(trusting(arguments.authority().get()));
        }
        this.http = builder.build();
    }

    private static SSLContext trusting(Path authority) throws LaunchException {
        try (InputStream pem = Files.newInputStream(authority)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry("ca" + store.size(), each);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new LaunchException(
                    "--ca " + authority + " holds no certificates in PEM that can be read (" + e + ")", e);
        }
    }

    /** A request to a path of the node, with what it needs to be let in. */
    HttpRequest.Builder request(String path) {
        return request(arguments.node(), path);
    }

    private HttpRequest.Builder request(URI node, String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(node + path));
        arguments.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        return request;
    }

    /**
     * A request to a path of the node that leads, for a body that is too long to be sent twice.
     *
     * @throws LaunchException if it does not say who that is
     */
    HttpRequest.Builder requestToLeader(String path) throws LaunchException {
        String question = "/store?count_only&consistency=leader";
        HttpResponse<InputStream> answer = send(request(question).header("Raft-Follower-Writes", "redirect"));
        try (InputStream body = answer.body()) {
            body.readNBytes(MOST_OF_AN_ERROR);
            String asked = answer.uri().toString();
            return request(URI.create(asked.substring(0, asked.length() - question.length())), path);
        } catch (IOException e) {
            throw new LaunchException("the answer of " + answer.uri() + " broke off (" + reason(e) + ")", e);
        }
    }

    /**
     * The answer of a node that can.
     *
     * @throws LaunchException if there is none, or it is not 200, with the node's own words
     */
    HttpResponse<InputStream> send(HttpRequest.Builder request) throws LaunchException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        int redirects = 0;
        URI first = request.build().uri();
        while (true) {
            HttpRequest made = request.build();
            HttpResponse<InputStream> answer = ask(made);
            int status = answer.statusCode();
            if (status == 200) {
                return answer;
            }
            String sentence = sentence(answer);
            Optional<String> location = answer.headers().firstValue("Location");
            if (status == 307 && location.isPresent() && ++redirects <= MOST_REDIRECTS) {
                request.uri(made.uri().resolve(location.get()));
            } else if (status == 503 && System.nanoTime() < deadline) {
                pause(answer);
                request.uri(first);
            } else {
                throw new LaunchException(
                        LaunchException.EXIT_FAILED, made.uri() + " answered " + status + ": " + sentence);
            }
        }
    }

    private HttpResponse<InputStream> ask(HttpRequest request) throws LaunchException {
        CompletableFuture<HttpResponse<InputStream>> answer = http.sendAsync(request, BodyHandlers.ofInputStream());
        try {
            while (true) {
                try {
                    return answer.get(1, TimeUnit.SECONDS);
                } catch (TimeoutException e) {
                    tellProgress(request);
                }
            }
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new LaunchException(
                    "no answer of " + request.uri() + " (" + reason(cause) + "): is this a node that runs? A restore"
                            + " that was sent may have happened: look at the keys, or send it again",
                    cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LaunchException("interrupted", e);
        }
    }

    /** As far as the node knows it, and says it soon. */
    private void tellProgress(HttpRequest waiting) throws InterruptedException {
        if (!waiting.method().equals("POST")) {
            return;
        }
        HttpRequest.Builder question =
                request(waiting.uri().resolve("raft"), "/stats").timeout(NEWS);
        try {
            Matcher found = STAGED.matcher(
                    http.send(question.build(), BodyHandlers.ofString()).body());
            if (found.find()) {
                staged.accept(Long.parseLong(found.group(1)));
            }
        } catch (IOException e) {
            // The answer itself tells what is wrong.
        }
    }

    static String reason(Throwable failure) {
        Throwable last = failure;
        while (last.getCause() != null && last.getMessage() == null) {
            last = last.getCause();
        }
        return last.getMessage() == null ? last.getClass().getSimpleName() : last.getMessage();
    }

    private static String sentence(HttpResponse<InputStream> answer) {
        try (InputStream body = answer.body()) {
            String text = new String(body.readNBytes(MOST_OF_AN_ERROR), StandardCharsets.UTF_8);
            Matcher found = SENTENCE.matcher(text);
            return found.find() ? found.group(1).replaceAll("\\\\(.)", "$1") : text.strip();
        } catch (IOException e) {
            return "(and broke off: " + reason(e) + ")";
        }
    }

    private static void pause(HttpResponse<InputStream> answer) throws LaunchException {
        long seconds = answer.headers()
                .firstValue("Retry-After")
                .filter(value -> value.matches("\\d{1,2}"))
                .map(Long::parseLong)
                .orElse(1L);
        try {
            TimeUnit.SECONDS.sleep(Math.max(1, seconds));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LaunchException("interrupted", e);
        }
    }
}

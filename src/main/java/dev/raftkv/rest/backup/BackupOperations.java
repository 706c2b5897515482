package dev.raftkv.rest.backup;

import dev.raftkv.access.UserRole;
import dev.raftkv.kv.KvService;
import dev.raftkv.model.Prefix;
import dev.raftkv.rest.cluster.Reads;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Operation;
import dev.raftkv.rest.http.Operation.Effect;
import dev.raftkv.rest.request.Headers;
import dev.raftkv.rest.request.Request;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;

/** Makes backups. */
public final class BackupOperations {
    static final String CONTENT_TYPE = "application/x-ndjson";
    private static final String PREFIX = "prefix";

    private final KvService kv;
    private final Reads reads;

    public BackupOperations(KvService kv, Reads reads) {
        this.kv = kv;
        this.reads = reads;
    }

    public List<Operation> all() {
        List<String> parameters = List.of(PREFIX, Reads.CONSISTENCY, Reads.MIN_REVISION);
        return List.of(
                new Operation("GET", "backup", parameters, Effect.READS, this::backup).askingFor(UserRole.ADMIN));
    }

    private CompletionStage<Answer> backup(Request request) {
        Prefix prefix = Prefix.of(request.query().get(PREFIX).orElse(""));
        boolean gzip = request.header(Headers.ACCEPT_ENCODING)
                .map(BackupOperations::takesGzip)
                .orElse(false);
        Reads.Demand demand = reads.demand(request.query());
        return reads.read(request, demand, reader -> {
            BackupPieces pieces = new BackupPieces(kv, prefix, gzip);
            Answer answer = Answer.of(200, CONTENT_TYPE, pieces)
                    .header(Headers.CONSISTENCY, demand.level().label());
            if (gzip) {
                answer.header(Headers.CONTENT_ENCODING, "gzip");
            }
            pieces.belongTo(answer);
            return answer;
        });
    }

    /** RFC 9110, section 12.5.3; {@code *} is no wish. */
    private static boolean takesGzip(String acceptEncoding) {
        return Arrays.stream(acceptEncoding.toLowerCase(Locale.ROOT).split(","))
                .map(coding -> coding.replace(" ", "").replace("\t", ""))
                .anyMatch(coding -> coding.equals("gzip") || coding.matches("gzip;q=(1(\\.0*)?|0\\.0*[1-9]\\d*)"));
    }
}

package dev.raftkv.rest.consul.session;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.json.Json;
import dev.raftkv.model.Command.OfSession;
import dev.raftkv.model.ConsulSession;
import dev.raftkv.model.Session;
import dev.raftkv.model.Session.Behavior;
import dev.raftkv.rest.consul.text.ConsulBody;
import dev.raftkv.rest.consul.text.ConsulFailure;
import dev.raftkv.rest.consul.text.GoDuration;
import dev.raftkv.rest.consul.text.GoText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/** What {@code PUT /v1/session/create} asks for. */
final class SessionBody {
    private static final String FAILURE = "Request decode failed: ";
    private static final byte[] NOTHING = "{}".getBytes(StandardCharsets.US_ASCII);
    private static final Duration MAX_TTL = Duration.ofMillis(Session.MAX_TTL_MILLIS);
    private static final long USUAL_DELAY = Duration.ofSeconds(15).toNanos();

    /** Below it a number means seconds. */
    private static final long LEAST_NANOS = 1_000;

    /** A client that has not renewed in time has as long again until its session ends. */
    private static final int PATIENCE = 2;

    private SessionBody() {}

    /**
     * The session that a body asks for.
     *
     * @param node its own, if the body names none
     * @param minTtl the shortest that it may have
     * @throws ConsulFailure for what cannot be
     */
    static OfSession.Create session(byte[] utf8, String node, Duration minTtl) {
        ConsulBody body = ConsulBody.parse(utf8.length == 0 ? NOTHING : utf8, FAILURE);
        String ttl = body.text("TTL", "");
        long delay = lockDelay(body);
        String behavior = body.text("Behavior", Behavior.RELEASE.text());
        Behavior end = Arrays.stream(Behavior.values())
                .filter(each -> each.text().equals(behavior))
                .findFirst()
                .orElseThrow(() -> new ConsulFailure(500, "Invalid Behavior setting '" + behavior + "'"));
        String name = body.text("Name", "");
        if (name.getBytes(StandardCharsets.UTF_8).length > Session.MAX_NAME) {
            throw body.failure("Name is too long: it may have " + Session.MAX_NAME + " bytes");
        }
        return new OfSession.Create(
                UUID.randomUUID(),
                name,
                ttlMillis(ttl, minTtl),
                end,
                new ConsulSession(body.text("Node", node), ttl, delay, checks(body)));
    }

    private static long ttlMillis(String text, Duration min) {
        if (text.isEmpty()) {
            return 0;
        }
        Duration ttl = GoDuration.parse(text)
                .orElseThrow(() -> new ConsulFailure(
                        500, "Session TTL '" + text + "' invalid: time: invalid duration " + GoText.quote(text)));
        if (!ttl.isZero() && (ttl.compareTo(min) < 0 || ttl.compareTo(MAX_TTL) > 0)) {
            throw new ConsulFailure(
                    500,
                    "Invalid Session TTL '" + ttl.toNanos() + "', must be between [" + GoText.of(min) + "="
                            + GoText.of(MAX_TTL) + "]");
        }
        return ttl.multipliedBy(PATIENCE).plusNanos(999_999).toMillis();
    }

    private static long lockDelay(ConsulBody body) {
        Optional<ConsulBody> given = body.member("LockDelay");
        if (given.isEmpty()) {
            return USUAL_DELAY;
        }
        long nanos = given.get().isText() ? duration(given.get()) : given.get().number();
        if (nanos < 0) {
            throw body.failure("LockDelay is negative");
        }
        return nanos < LEAST_NANOS ? Duration.ofSeconds(nanos).toNanos() : nanos;
    }

    private static long duration(ConsulBody delay) {
        return GoDuration.parse(delay.text())
                .orElseThrow(() -> delay.failure("time: invalid duration " + GoText.quote(delay.text())))
                .toNanos();
    }

    /** As they are shown: nobody looks at them. */
    private static String checks(ConsulBody body) {
        Optional<ConsulBody> ofNode = body.member("NodeChecks").or(() -> body.member("Checks"));
        ofNode.ifPresent(checks -> checks.elements().forEach(ConsulBody::text));
        Optional<ConsulBody> ofServices = body.member("ServiceChecks");
        ofServices.ifPresent(ConsulBody::elements);
        String object = new String(
                        Json.line(json -> {
                            json.writeFieldName("NodeChecks");
                            if (ofNode.isPresent()) {
                                ofNode.get().writeTo(json);
                            } else {
                                writeUsual(json);
                            }
                            json.writeFieldName("ServiceChecks");
                            if (ofServices.isPresent()) {
                                ofServices.get().writeTo(json);
                            } else {
                                json.writeNull();
                            }
                        }),
                        StandardCharsets.UTF_8)
                .strip();
        return object.substring(1, object.length() - 1);
    }

    /** What Consul's agents look at. */
    private static void writeUsual(JsonGenerator json) throws IOException {
        json.writeStartArray();
        json.writeString("serfHealth");
        json.writeEndArray();
    }
}

package dev.raftkv.rest.watch;

import dev.raftkv.json.Json;
import dev.raftkv.kv.Watch;
import dev.raftkv.kv.WatchEvent;
import dev.raftkv.model.Code;
import dev.raftkv.model.EventId;
import dev.raftkv.model.KvException;
import dev.raftkv.rest.http.Answer;
import dev.raftkv.rest.http.Answers;
import dev.raftkv.rest.http.Live;
import dev.raftkv.rest.request.Headers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * One answer with the next changes of a watch, or with none when the time is over. While its client waits it gets a white
 * space now and then, in front of the JSON: so the node learns when nobody is there any more. From then on the answer is a
 * success; what would have been a failure is an answer without changes, and the client meets the failure when it asks again.
 */
final class WatchPoll implements Live {
    private static final int ANSWER_BYTES = 1 << 20;
    private static final byte[] NOTHING = {};
    private static final byte[] WHITE_SPACE = {'\n'};

    private final EventText text;
    private final ScheduledExecutorService timer;
    private final Duration patience;
    private final Answer answer;
    private volatile Runnable wake = () -> {};
    private Watch watch;
    private Future<?> timeIsOver;
    private volatile boolean over;
    private boolean heartbeatDue;
    private boolean begun;
    private boolean said;

    /** @param patience how long it may wait for a change */
    WatchPoll(EventText text, ScheduledExecutorService timer, Duration patience) {
        this.text = text;
        this.timer = timer;
        this.patience = patience;
        this.answer = Answer.of(200, Answers.JSON, this);
    }

    Answer open(Watch opened) {
        watch = opened;
        return answer;
    }

    /** Something may have come for the watch; it may be woken before it is open. */
    void woken() {
        wake.run();
    }

    @Override
    public void begin(Runnable onNews) {
        wake = onNews;
        timeIsOver = timer.schedule(this::endOfTime, patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void endOfTime() {
        over = true;
        wake.run();
    }

    @Override
    public void heartbeat() {
        heartbeatDue = true;
    }

    @Override
    public void tooSlow() {
        // Then it has taken what little there was, and gets the answer as it is.
        over = true;
    }

    /** An answer without changes, as at the end of its time, and the end of its connection. */
    @Override
    public void giveWay() {
        over = true;
        if (!begun) {
            answer.header(Headers.CONNECTION, "close");
        }
    }

    @Override
    public void cutOff() {
        watch.countAsCutOff();
    }

    @Override
    public byte[] next() {
        if (said) {
            return null;
        }
        List<WatchEvent> events = poll();
        if (!events.isEmpty() || over) {
            said = true;
            return last(events);
        }
        if (!heartbeatDue) {
            return NOTHING;
        }
        heartbeatDue = false;
        if (!begun) {
            begun = true;
            tellRevision();
        }
        return WHITE_SPACE;
    }

    private List<WatchEvent> poll() {
        try {
            List<WatchEvent> events = watch.poll(ANSWER_BYTES);
            if (watch.end().isPresent() && events.isEmpty()) {
                throw new KvException(Code.UNAVAILABLE, watch.end().get());
            }
            return events;
        } catch (KvException e) {
            if (!begun) {
                throw e;
            }
            over = true;
            return List.of();
        }
    }

    private byte[] last(List<WatchEvent> events) {
        EventId position = watch.position();
        byte[] body = Json.line(json -> {
            json.writeStringField("message", "success watching data");
            json.writeArrayFieldStart("data");
            for (WatchEvent event : events) {
                text.element(json, event);
            }
            json.writeEndArray();
            json.writeNumberField("revision", position.cursor().wholeRevision());
            json.writeStringField("last_event_id", position.toString());
        });
        if (!begun) {
            tellRevision();
            answer.header(Headers.CONTENT_LENGTH, body.length);
        }
        return body;
    }

    private void tellRevision() {
        answer.replace(Headers.REVISION, watch.position().cursor().wholeRevision());
    }

    @Override
    public void close() {
        // It would keep the answer until then.
        if (timeIsOver != null) {
            timeIsOver.cancel(false);
        }
        watch.close();
    }
}

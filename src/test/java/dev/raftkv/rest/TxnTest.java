package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static dev.raftkv.rest.Problem.assertOk;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TxnTest {
    @TempDir
    Path directory;

    private RestServer server;
    private RawHttp http;

    @BeforeEach
    void start() {
        server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, Way.JERSEY);
        http = server.http();
        http.post("/store", "{\"key\":\"a\",\"value\":{ \"n\":1.0 }}");
        http.post("/store", "{\"key\":\"a\",\"value\":\"x\"}");
        http.post("/store", "{\"key\":\"b\",\"value\":1.0}");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer txn(String json) {
        return http.post("/txn", json);
    }

    private Answer named(String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        String headers =
                "Content-Type: application/json\r\nIdempotency-Key: t\r\nContent-Length: " + body.length + "\r\n";
        return http.send("POST", "/txn", headers, body);
    }

    private static String done(boolean succeeded, String results) {
        return "{\"message\":\"success running transaction\",\"data\":{\"succeeded\":" + succeeded + ",\"results\":["
                + results + "]}}";
    }

    @Test
    void operationsAreOneChangeAndAnswerInOrder() {
        Answer answer = txn("{\"then\":[{\"get\":\"a\"},{\"put\":\"c\",\"value\":[1, 2],\"ttl\":60},{\"delete\":\"b\"},"
                + "{\"delete\":\"none\"},{\"get\":\"c\"},{\"get\":\"b\"},{\"value\":null,\"put\":\"a\"}]}");
        assertOk(
                done(
                        true,
                        "{\"get\":\"a\",\"exists\":true,\"value\":\"x\",\"create_revision\":1,\"change_revision\":2,\"version\":2},"
                                + "{\"put\":\"c\",\"create_revision\":4,\"change_revision\":4,\"version\":1},"
                                + "{\"delete\":\"b\",\"existed\":true},{\"delete\":\"none\",\"existed\":false},"
                                + "{\"get\":\"c\",\"exists\":true,\"value\":[1, 2],\"create_revision\":4,\"change_revision\":4,\"version\":1,\"ttl\":60},"
                                + "{\"get\":\"b\",\"exists\":false},"
                                + "{\"put\":\"a\",\"create_revision\":1,\"change_revision\":4,\"version\":3}"),
                answer);
        assertEquals("4", answer.header("store-revision"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'key':'a','value':'x'}|true",
                "{'key':'a','value':'y'}|false",
                "{'key':'b','value':1}|false",
                "{'key':'b','value':1.0}|true",
                "{'key':'b','value':1,'op':'!='}|true",
                "{'key':'none','value':null}|false",
                "{'key':'none','value':1,'op':'!='}|true",
                "{'key':'a','exists':true}|true",
                "{'key':'none','exists':false}|true",
                "{'key':'a','exists':true,'op':'!='}|false",
                "{'key':'a','revision':2}|true",
                "{'op':'<','key':'a','revision':2}|false",
                "{'key':'a','revision':3,'op':'<'}|true",
                "{'key':'a','revision':1,'op':'>'}|true",
                "{'key':'a','revision':2,'op':'<='}|true",
                "{'key':'a','revision':1,'op':'<='}|false",
                "{'key':'a','version':2,'op':'>='}|true",
                "{'key':'a','version':3,'op':'>='}|false",
                "{'key':'none','revision':0}|true",
                "{'key':'a','version':2,'op':'='}|true",
                "{'key':'a','version':2,'op':'!='}|false",
                "{'key':'none','version':0}|true"
            })
    void comparesDecide(String compare, boolean holds) {
        assertOk(
                done(holds, "{\"get\":\"none\",\"exists\":false}"),
                txn(("{'if':[" + compare + "],'then':[{'get':'none'}],'else':[{'get':'none'}]}").replace('\'', '"')));
    }

    @Test
    void allComparesMustHoldAndNothingElseHappens() {
        txn(
                "{\"if\":[{\"key\":\"a\",\"exists\":true},{\"key\":\"b\",\"exists\":false}],\"then\":[{\"delete\":\"a\"}]}");
        Answer answer = http.get("/store/a");
        assertEquals(200, answer.status());
        assertEquals("3", answer.header("store-revision"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|the transaction has no operation: give \\\"then\\\", \\\"else\\\" or both as lists",
                "{'then':{}}|then is no array: write it in square brackets",
                "{'then':[1]}|an operation has an element that is no object: write each one in curly brackets",
                "{'then':[{}]}|an operation does nothing: give one of put, get, delete and add with a key, or get_prefix or delete_prefix",
                "{'then':[{'put':'k'}]}|value is missing: the put of key k needs one",
                "{'then':[{'get':'k','value':1}]}|a get has neither value nor ttl: remove them, or write a put",
                "{'then':[{'delete':'k','ttl':1}]}|a delete has neither value nor ttl: remove them, or write a put",
                "{'then':[{'get':'k','put':'k','value':1}]}|an operation is get and put: write two operations",
                "{'then':[{'get':''}]}|key is empty",
                "{'then':[{'get':5}]}|get is no string: write it in double quotes",
                "{'then':[{'set':'k'}]}|unknown field \\\"set\\\": the fields of this request are put, get, delete, add, get_prefix, delete_prefix, value, ttl, by, limit, session, release, prev",
                "{'then':[{'add':'k'}]}|by is missing: the add to key k needs one",
                "{'then':[{'add':'k','by':1.0}]}|by is no integer of at most 1000 digits: give one, as 5 or -5",
                "{'then':[{'add':'k','by':'1'}]}|by is no integer of at most 1000 digits: give one, as 5 or -5",
                "{'then':[{'add':'k','by':1,'value':1}]}|an add has neither value nor ttl: remove them, or write a put",
                "{'then':[{'get':'k','by':1}]}|a get has no by: remove it, or write an add",
                "{'then':[{'add':'k','by':1},{'add':'k','by':1}]}|the transaction changes the key k twice in one list: change it once",
                "{'when':[]}|unknown field \\\"when\\\": the fields of this request are if, then, else",
                "{'then':[{'put':'k','value':1},{'delete':'k'}]}|the transaction changes the key k twice in one list: change it once",
                "{'if':[{'key':'k'}],'then':[{'get':'k'}]}|the compare of key k compares nothing: give one of value, exists, revision, version, session and token",
                "{'if':[{'key':'k','value':1,'version':1}],'then':[{'get':'k'}]}|a compare has value and version: give each a compare of its own",
                "{'if':[{'key':'k','value':1,'op':'<'}],'then':[{'get':'k'}]}|op for value is = or !=",
                "{'if':[{'key':'k','version':1,'op':'=='}],'then':[{'get':'k'}]}|op is ==: give one of =, !=, <, >, <=, >=",
                "{'if':[{'key':'k','version':-1}],'then':[{'get':'k'}]}|version is not acceptable: give a whole number from 0 to 9223372036854775807",
                "{'if':[{'key':'k','exists':1}],'then':[{'get':'k'}]}|exists is neither true nor false"
            })
    void badTransactionsAreRefusedWithASentence(String json, String sentence) {
        assertInvalid(sentence, txn(json.replace('\'', '"')));
    }

    @ParameterizedTest
    @ValueSource(strings = {"then", "else", "if"})
    void moreThanTheLimitIsRefused(String list) {
        String element = list.equals("if") ? "{\"key\":\"k\",\"exists\":true}" : "{\"get\":\"k\"}";
        String elements = (element + ",").repeat(128) + element;
        assertInvalid(list + " has more than 128 elements", txn("{\"" + list + "\":[" + elements + "]}"));
    }

    @Test
    void whatIsReadIsBounded() {
        String value = "\"" + "x".repeat(1_000_000) + "\"";
        for (int i = 0; i < 9; i++) {
            http.post("/store", "{\"key\":\"big" + i + "\",\"value\":" + value + "}");
        }
        StringBuilder gets = new StringBuilder("{\"put\":\"c\",\"value\":1}");
        for (int i = 0; i < 9; i++) {
            gets.append(",{\"get\":\"big").append(i).append("\"}");
        }
        assertInvalid(
                "the values that the transaction gets are more than 8 MiB: nothing was changed; get fewer keys at once",
                txn("{\"then\":[" + gets + "]}"));
        assertEquals(404, http.get("/store/c").status());
    }

    @Test
    void countersChangeTogetherOrNotAtAll() {
        String all = "{\"then\":[{\"add\":\"n\",\"by\":-5},{\"by\":12345678901234567890,\"add\":\"m\"}]}";
        String first = "\"create_revision\":4,\"change_revision\":";
        assertOk(
                done(
                        true,
                        "{\"add\":\"n\",\"value\":-5," + first + "4,\"version\":1},"
                                + "{\"add\":\"m\",\"value\":12345678901234567890," + first + "4,\"version\":1}"),
                named(all));
        assertInvalid(
                "the key that is to be added to holds something else than an integer of at most 1000 digits: nothing was"
                        + " changed; store a number there first, or add to another key",
                txn("{\"then\":[{\"add\":\"n\",\"by\":1},{\"add\":\"a\",\"by\":1}]}"));
        assertOk(
                done(true, "{\"add\":\"n\",\"value\":-4," + first + "5,\"version\":2}"),
                txn("{\"then\":[{\"add\":\"n\",\"by\":1}]}"));
        // A repetition shows the sum of then, and adds nothing.
        assertEquals("4", named(all).header("store-revision"));
        assertEquals("-4", http.get("/store/n?raw").body());
    }

    @Test
    void conditionsBelongIntoTheBody() {
        String json = "{\"then\":[{\"get\":\"a\"}]}";
        assertInvalid(
                "If-Match and If-None-Match are about one key: write compares into the list \\\"if\\\"",
                http.send(
                        "POST",
                        "/txn",
                        "Content-Type: application/json\r\nIf-Match: *\r\nContent-Length: " + json.length() + "\r\n",
                        json.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aRepetitionShowsTheValuesThatAreStillThereAndMarksTheOthers() {
        String request = "{\"then\":[{\"get\":\"a\"},{\"get\":\"b\"},{\"put\":\"c\",\"value\":1},{\"get\":\"none\"}]}";
        Answer first = named(request);
        String b =
                "{\"get\":\"b\",\"exists\":true,\"value\":1.0,\"create_revision\":3,\"change_revision\":3,\"version\":1},"
                        + "{\"put\":\"c\",\"create_revision\":4,\"change_revision\":4,\"version\":1},"
                        + "{\"get\":\"none\",\"exists\":false}";
        String history = "\"create_revision\":1,\"change_revision\":2,\"version\":2},";
        assertOk(done(true, "{\"get\":\"a\",\"exists\":true,\"value\":\"x\"," + history + b), first);

        http.post("/store", "{\"key\":\"a\",\"value\":\"changed\"}");
        Answer second = named(request);
        assertOk(done(true, "{\"get\":\"a\",\"exists\":true,\"value_forgotten\":true," + history + b), second);
        assertEquals("4", second.header("store-revision"));
    }
}

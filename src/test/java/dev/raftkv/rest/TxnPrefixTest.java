package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static dev.raftkv.rest.Problem.assertOk;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares and operations on all keys that start with a prefix. */
class TxnPrefixTest {
    @TempDir
    Path directory;

    private RestServer server;
    private RawHttp http;

    @BeforeEach
    void start() {
        server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, Way.JERSEY);
        http = server.http();
        http.post("/store", "{\"key\":\"a/1\",\"value\":{ \"n\":1.0 }}");
        http.post("/store", "{\"key\":\"a/2\",\"value\":\"x\",\"ttl\":60}");
        http.post("/store", "{\"key\":\"b\",\"value\":1}");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer txn(String json) {
        return http.post("/txn", json.replace('\'', '"'));
    }

    private Answer named(String json) {
        byte[] body = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        String headers =
                "Content-Type: application/json\r\nIdempotency-Key: t\r\nContent-Length: " + body.length + "\r\n";
        return http.send("POST", "/txn", headers, body);
    }

    private static String done(boolean succeeded, String results) {
        return ("{'message':'success running transaction','data':{'succeeded':" + succeeded + ",'results':[" + results
                        + "]}}")
                .replace('\'', '"');
    }

    private static String history(int create, int change, int version) {
        return "'create_revision':" + create + ",'change_revision':" + change + ",'version':" + version;
    }

    @Test
    void keysAreReadAndRemovedByTheirPrefixInOneChange() {
        String one = "{'key':'a/1','value':{ 'n':1.0 }," + history(1, 1, 1) + "}";
        String two = "{'key':'a/2','value':'x'," + history(2, 2, 1) + ",'ttl':60}";
        Answer answer = txn("{'then':[{'get_prefix':'a/'},{'get_prefix':'','limit':1},{'delete_prefix':'a/'},"
                + "{'get_prefix':'a/'},{'put':'c','value':2},{'delete_prefix':'none'}]}");
        assertOk(
                done(
                        true,
                        "{'get_prefix':'a/','keys':[" + one + "," + two + "],'more':false},"
                                + "{'get_prefix':'','keys':[" + one + "],'more':true},"
                                + "{'delete_prefix':'a/','removed':2},"
                                + "{'get_prefix':'a/','keys':[],'more':false},"
                                + "{'put':'c'," + history(4, 4, 1) + "},"
                                + "{'delete_prefix':'none','removed':0}"),
                answer);
        assertEquals("4", answer.header("store-revision"));
        assertEquals("{\"count\":2}", http.get("/store?count_only").body().replaceAll(".*\"data\":(.*)}\n", "$1"));
    }

    @Test
    void keysAreMovedIfNobodyHasChangedThem() {
        String move = "{'if':[{'prefix':'a/','revision':3,'op':'<='},{'prefix':'a/','count':2},"
                + "{'prefix':'z/','exists':false}],"
                + "'then':[{'delete_prefix':'a/'},{'put':'z/1','value':1},{'put':'z/2','value':2}],'else':[]}";
        http.post("/store", "{\"key\":\"a/1\",\"value\":2}");
        assertOk(done(false, ""), txn(move));
        assertOk(
                done(
                        true,
                        "{'delete_prefix':'a/','removed':2},{'put':'z/1'," + history(5, 5, 1) + "},{'put':'z/2',"
                                + history(5, 5, 1) + "}"),
                txn(move.replace(":3,", ":4,")));
        assertOk(done(false, ""), txn(move.replace(":3,", ":5,")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'prefix':'a/','exists':true}|true",
                "{'prefix':'a/','exists':false}|false",
                "{'prefix':'a/','exists':true,'op':'!='}|false",
                "{'prefix':'none','exists':false}|true",
                "{'prefix':'none','exists':false,'op':'!='}|false",
                "{'prefix':'','exists':true}|true",
                "{'prefix':'a/','count':2}|true",
                "{'prefix':'a/','count':1}|false",
                "{'op':'<=','prefix':'a/','count':2}|true",
                "{'prefix':'a/','count':2,'op':'>'}|false",
                "{'prefix':'a/','count':10000,'op':'<'}|true",
                "{'prefix':'','count':3}|true",
                "{'prefix':'a/','revision':2,'op':'<='}|true",
                "{'prefix':'a/','revision':1,'op':'<='}|false",
                "{'prefix':'a/','revision':2}|false",
                "{'prefix':'a/2','revision':2}|true",
                "{'prefix':'none','revision':0}|true"
            })
    void comparesDecide(String compare, boolean holds) {
        assertOk(
                done(holds, "{'get':'none','exists':false}"),
                txn("{'if':[" + compare + "],'then':[{'get':'none'}],'else':[{'get':'none'}]}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'then':[{'delete_prefix':''}]}|delete_prefix is empty, which would remove every key: name the range that is to go",
                "{'then':[{'delete_prefix':null}]}|delete_prefix is null: give what the keys start with",
                "{'then':[{'get_prefix':7}]}|get_prefix is no string: write it in double quotes",
                "{'then':[{'get_prefix':'a','get':'a'}]}|an operation is get_prefix and get: write two operations",
                "{'then':[{'get_prefix':'a','limit':0}]}|limit is not acceptable: give a whole number from 1 to 1000",
                "{'then':[{'get_prefix':'a','limit':1001}]}|limit is not acceptable: give a whole number from 1 to 1000",
                "{'then':[{'delete_prefix':'a','limit':1}]}|a delete_prefix has no limit: remove it, or write a get_prefix",
                "{'then':[{'get':'a','limit':1}]}|a get has no limit: remove it, or write a get_prefix",
                "{'then':[{'get_prefix':'a','value':1}]}|a get_prefix has neither value nor ttl: remove them, or write a put",
                "{'then':[{'delete_prefix':'a','ttl':1}]}|a delete_prefix has neither value nor ttl: remove them, or write a put",
                "{'then':[{'get_prefix':'a','by':1}]}|a get_prefix has no by: remove it, or write an add",
                "{'then':[{'get_prefix':'a','prev':true}]}|a get_prefix has no prev: it changes nothing",
                "{'then':[{'delete_prefix':'a','prev':true}]}|a delete_prefix has no prev: write a get_prefix before it",
                "{'then':[{'delete_prefix':'a'},{'put':'ab','value':1}]}|the transaction removes the prefix a and changes the key ab, which starts with it, in one list: a key changes once",
                "{'else':[{'add':'ab','by':1},{'delete_prefix':'ab'}]}|the transaction removes the prefix ab and changes the key ab, which starts with it, in one list: a key changes once",
                "{'then':[{'delete_prefix':'ab'},{'delete_prefix':'a'}]}|the transaction removes the prefixes ab and a in one list, and one of them starts with the other: remove the shorter one",
                "{'if':[{'prefix':'a','key':'a','exists':true}],'then':[]}|a compare has key and prefix: compare one key, or all that start with the prefix",
                "{'if':[{'prefix':'a'}],'then':[{'get':'a'}]}|the compare of prefix a compares nothing: give one of exists, count and revision",
                "{'if':[{'prefix':'a','value':1}],'then':[{'get':'a'}]}|the compare of prefix a has a value: give one of exists, count and revision",
                "{'if':[{'prefix':'a','version':1}],'then':[{'get':'a'}]}|the compare of prefix a has a version: give one of exists, count and revision",
                "{'if':[{'key':'a','count':1}],'then':[{'get':'a'}]}|the compare of key a has a count: give it a prefix, or exists",
                "{'if':[{'prefix':'a','count':10001}],'then':[{'get':'a'}]}|count is not acceptable: give a whole number from 0 to 10000",
                "{'if':[{'prefix':'a','count':1,'revision':1}],'then':[{'get':'a'}]}|a compare has count and revision: give each a compare of its own",
                "{'if':[{'prefix':'a','exists':true,'op':'<='}],'then':[{'get':'a'}]}|op for exists is = or !=",
                "{'if':[{'exists':true}],'then':[{'get':'a'}]}|key is empty"
            })
    void badTransactionsAreRefusedWithASentence(String json, String sentence) {
        assertInvalid(sentence, txn(json));
    }

    @Test
    void aPrefixThatIsTooLongIsRefused() {
        String tooLong = "prefix is too long: 1025 bytes in UTF-8, the limit is 1024 bytes";
        String prefix = "x".repeat(1025);
        Problem.assertProblem(413, "Content Too Large", tooLong, txn("{'then':[{'get_prefix':'" + prefix + "'}]}"));
        Problem.assertProblem(413, "Content Too Large", tooLong, txn("{'if':[{'prefix':'" + prefix + "','count':1}]}"));
    }

    private void store(String prefix, int from, int to) {
        for (int begin = from; begin < to; begin += 100) {
            txn(IntStream.range(begin, Math.min(to, begin + 100))
                    .mapToObj(i -> "{'put':'" + prefix + i + "','value':1}")
                    .collect(Collectors.joining(",", "{'then':[", "]}")));
        }
    }

    @Test
    void whatIsReadIsBoundedAndNothingIsChangedIfItIsMore() {
        store("r/", 0, 1000);
        assertEquals(200, txn("{'then':[{'get_prefix':'r/'}]}").status());
        store("r/", 1000, 1001);
        String sentence =
                "the prefixes that the transaction gets have more than 1000 keys, or more than 2 MiB: nothing was"
                        + " changed; give a lower limit, or longer prefixes";
        assertInvalid(sentence, txn("{'then':[{'put':'c','value':1},{'get_prefix':'r/'}]}"));
        assertInvalid(
                sentence, txn("{'then':[{'put':'c','value':1},{'get_prefix':'r/','limit':1000},{'get_prefix':'b'}]}"));
        assertEquals(404, http.get("/store/c").status());
        assertEquals(
                200,
                txn("{'then':[{'get_prefix':'r/','limit':999},{'get_prefix':'b'}]}")
                        .status());
    }

    @Test
    void whatIsComparedIsBoundedAndNothingIsChangedIfItIsMore() {
        store("r/", 0, 10_001);
        assertInvalid(
                "more than 10000 keys start with the prefixes that the transaction compares: nothing was changed; compare"
                        + " longer prefixes",
                txn("{'if':[{'prefix':'r/','revision':1000,'op':'<='}],'then':[{'put':'c','value':1}]}"));
        assertEquals(404, http.get("/store/c").status());
        assertOk(
                done(true, "{'get':'none','exists':false}"),
                txn("{'if':[{'prefix':'r/','count':10000,'op':'>'}],'then':[{'get':'none'}]}"));
    }

    @Test
    void aRepetitionShowsTheKeysThatItHasFoundAndTheValuesThatAreStillThere() {
        String request = "{'then':[{'get_prefix':'a/'},{'delete_prefix':'b'},{'get_prefix':'','limit':1}]}";
        String kept = "{'key':'a/1','value':{ 'n':1.0 }," + history(1, 1, 1) + "}";
        String rest =
                "],'more':false},{'delete_prefix':'b','removed':1},{'get_prefix':'','keys':[" + kept + "],'more':true}";
        String changed = "{'key':'a/2','value':'x'," + history(2, 2, 1) + ",'ttl':60}";
        assertOk(done(true, "{'get_prefix':'a/','keys':[" + kept + "," + changed + rest), named(request));

        http.post("/store", "{\"key\":\"a/2\",\"value\":\"changed\"}");
        http.post("/store", "{\"key\":\"b\",\"value\":\"again\"}");
        String forgotten = "{'key':'a/2','value_forgotten':true," + history(2, 2, 1) + "}";
        assertOk(done(true, "{'get_prefix':'a/','keys':[" + kept + "," + forgotten + rest), named(request));
        assertEquals(200, http.get("/store/b").status());
    }
}

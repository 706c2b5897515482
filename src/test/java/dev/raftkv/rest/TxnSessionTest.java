package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static dev.raftkv.rest.Problem.assertOk;
import static dev.raftkv.rest.Problem.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys that transactions give to sessions, and take from them. */
class TxnSessionTest {
    private static final String ID = "00000000-0000-0001-0000-000000000002";

    @TempDir
    Path directory;

    private RestServer server;
    private RawHttp http;
    private String one;
    private String two;

    @BeforeEach
    void start() {
        server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, Way.JERSEY);
        http = server.http();
        one = begin();
        two = begin();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String begin() {
        return http.post("/session", "{\"ttl\":60}").body().replaceAll("(?s).*\"id\":\"([^\"]*)\".*", "$1");
    }

    private Answer txn(String json) {
        return http.post("/txn", json.replace('\'', '"').replace("ONE", one).replace("TWO", two));
    }

    private static String history(int create, int change, int version) {
        return "'create_revision':" + create + ",'change_revision':" + change + ",'version':" + version;
    }

    private void assertDone(String results, Answer answer) {
        assertDone(true, results, answer);
    }

    private void assertDone(boolean succeeded, String results, Answer answer) {
        assertOk(
                ("{'message':'success running transaction','data':{'succeeded':" + succeeded + ",'results':[" + results
                                + "]}}")
                        .replace('\'', '"')
                        .replace("ONE", one),
                answer);
    }

    @Test
    void keysAreTakenLetGoAndRemovedTogether() {
        assertDone(
                "{'put':'a'," + history(1, 1, 1) + ",'session':'ONE','token':1},{'put':'b'," + history(1, 1, 1)
                        + ",'session':'ONE','token':1}",
                txn("{'then':[{'put':'a','value':1,'session':'ONE'},{'session':'ONE','put':'b','value':2}]}"));
        assertDone(
                "{'put':'a'," + history(1, 2, 2) + ",'session':'ONE','token':1}",
                txn("{'then':[{'put':'a','value':2,'session':'ONE'}]}"));
        assertDone(
                "{'put':'a'," + history(1, 3, 3) + ",'prev':{'exists':true,'value':2," + history(1, 2, 2)
                        + ",'session':'ONE','token':1}},{'delete':'b','existed':true},{'delete':'none','existed':false}",
                txn("{'then':[{'put':'a','value':3,'release':'ONE','prev':true},{'delete':'b','session':'ONE'},"
                        + "{'delete':'none','session':'ONE'}]}"));
        assertEquals(
                "{\"message\":\"success fetching data\",\"data\":{\"key\":\"a\",\"value\":3}}\n",
                http.get("/store/a").body());
    }

    @Test
    void allOfTheKeysOrNone() {
        txn("{'then':[{'put':'a','value':1,'session':'TWO'}]}");
        assertProblem(
                409,
                "Conflict",
                "another session has this key: nothing was changed; wait until it ends, or the key is removed",
                txn("{'then':[{'put':'b','value':1,'session':'ONE'},{'put':'a','value':1,'session':'ONE'}]}"));
        assertEquals(
                409,
                txn("{'then':[{'put':'b','value':1},{'put':'a','value':2,'release':'ONE'}]}")
                        .status());
        assertEquals(
                409,
                txn("{'then':[{'put':'b','value':1},{'delete':'a','session':'ONE'}]}")
                        .status());
        assertEquals(
                409,
                txn("{'then':[{'put':'b','value':1},{'put':'c','value':2,'session':'" + ID + "'}]}")
                        .status());
        assertEquals(404, http.get("/store/b").status());
        assertEquals("1", http.get("/store/a").header("store-revision"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'key':'a','session':'ONE'}|true",
                "{'key':'a','session':'TWO'}|false",
                "{'key':'a','session':'TWO','op':'!='}|true",
                "{'key':'a','session':null}|false",
                "{'key':'b','session':null}|true",
                "{'key':'none','session':null}|true",
                "{'key':'none','session':'ONE'}|false",
                "{'key':'a','token':1}|true",
                "{'key':'a','token':2}|false",
                "{'key':'a','token':2,'op':'<'}|true",
                "{'key':'b','token':0}|true",
                "{'key':'none','token':0}|true"
            })
    void comparesDecide(String compare, boolean holds) {
        txn("{'then':[{'put':'a','value':1,'session':'ONE'},{'put':'b','value':1}]}");
        txn("{'then':[{'put':'a','value':2}]}");
        assertDone(
                holds,
                "{'get':'none','exists':false}",
                txn("{'if':[" + compare + "],'then':[{'get':'none'}],'else':[{'get':'none'}]}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'then':[{'get':'a','session':'ONE'}]}|a get has no session: remove it, or write a put or a delete",
                "{'then':[{'add':'a','by':1,'session':'ONE'}]}|an add has no session: remove it, or write a put or a delete",
                "{'then':[{'delete_prefix':'a','session':'ONE'}]}|a delete_prefix has no session: remove it, or write a put or a delete",
                "{'then':[{'delete':'a','release':'ONE'}]}|a delete has no release: remove it, or write a put",
                "{'then':[{'put':'a','value':1,'session':'ONE','release':'ONE'}]}|a put has session and release: give the key to the session, or let it go",
                "{'then':[{'put':'a','value':1,'session':'ONE','ttl':1}]}|a put has session and ttl: remove ttl, the key lives as long as its session",
                "{'then':[{'put':'a','value':1,'release':'ONE','ttl':1}]}|a put has release and ttl: remove ttl, the key lives as long as its session",
                "{'then':[{'put':'a','value':1,'session':'x'}]}|no session has such an id: x; give the id that POST /session has answered",
                "{'then':[{'put':'a','value':1,'session':null}]}|no session has such an id: null; give the id that POST /session has answered",
                "{'if':[{'key':'a','session':'x'}],'then':[{'get':'a'}]}|no session has such an id: x; give the id that POST /session has answered",
                "{'if':[{'key':'a','session':'ONE','op':'<'}],'then':[{'get':'a'}]}|op for session is = or !=",
                "{'if':[{'key':'a','token':-1}],'then':[{'get':'a'}]}|token is not acceptable: give a whole number from 0 to 9223372036854775807",
                "{'if':[{'prefix':'a','token':1}],'then':[{'get':'a'}]}|the compare of prefix a has a token: give one of exists, count and revision",
                "{'then':[{'put':'a','value':1,'session':'ONE'},{'put':'a','value':1,'release':'ONE'}]}|the transaction changes the key a twice in one list: change it once"
            })
    void badTransactionsAreRefusedWithASentence(String json, String sentence) {
        assertInvalid(sentence, txn(json));
    }
}

package dev.raftkv.rest;

import static dev.raftkv.rest.Problem.assertInvalid;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.config.NodeConfig.FollowerWrites;
import dev.raftkv.model.Command;
import dev.raftkv.model.JsonText;
import dev.raftkv.model.Key;
import dev.raftkv.model.TxnOp;
import dev.raftkv.rest.RawHttp.Answer;
import dev.raftkv.rest.RestServer.Way;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lists, ranges and expiry. */
class ListTest {
    private static final String FETCHED = "{\"message\":\"success fetching data\",\"data\":";

    private static final Pattern KEY = Pattern.compile("\"key\":\"long/([0-9])\"");
    private static final Pattern ENDS = Pattern.compile(
            "\"key\":\"pair/[az]\",(\"value\":[0-9]+,\"create_revision\":[0-9]+,\"change_revision\":[0-9]+)");
    private static final Pattern KEY_ONLY = Pattern.compile("\"pair/[az]\"");

    @TempDir
    Path directory;

    private RestServer server;
    private RawHttp http;

    @BeforeEach
    void start() {
        server = new RestServer(directory, "/kv", FollowerWrites.REDIRECT, Way.JERSEY);
        http = server.http();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void put(String key, String json) {
        server.replicator.replicate(
                new Command.Put(Key.of(key), new JsonText(json.getBytes(StandardCharsets.UTF_8)), 0));
    }

    private static void assertBody(String data, Answer answer) {
        assertEquals(FETCHED + data + "}\n", answer.body());
        assertEquals(200, answer.status());
        assertEquals("application/json;charset=utf-8", answer.header("content-type"));
    }

    @Test
    void entriesComeWithTheirHistoryAndTheirText() {
        put("app/a", "1.10");
        put("b", "2");
        put("app/a", "{ \"x\" : 1e400 }");
        assertBody(
                "[{\"key\":\"app/a\",\"value\":{ \"x\" : 1e400 },\"create_revision\":1,\"change_revision\":3,\"version\":2}]",
                http.get("/store?prefix=app/"));
        assertBody("[]", http.get("/store?prefix=none"));
        assertBody("[\"app/a\",\"b\"]", http.get("/store?keys_only"));
        assertBody("{\"count\":2}", http.get("/store?count_only"));
        assertBody("{\"count\":1}", http.get("/store?count_only&prefix=app"));
        Answer answer = http.get("/store?keys_only=true&consistency=linearizable");
        assertEquals("3", answer.header("store-revision"));
        assertEquals("linearizable", answer.header("raft-consistency"));
    }

    @Test
    void keysAreInTheOrderOfTheirBytes() {
        // In UTF-16, the supplementary character comes before the private one.
        for (String key : new String[] {"\ue000", "\ud83d\ude00", "z", "\u00e9", "Z", "a/b", "a"}) {
            put(key, "1");
        }
        assertBody("[\"Z\",\"a\",\"a/b\",\"z\",\"\u00e9\",\"\ue000\",\"\ud83d\ude00\"]", http.get("/store?keys_only"));
        assertBody("[\"\u00e9\",\"\ue000\",\"\ud83d\ude00\"]", http.get("/store?keys_only&after=z"));
        assertBody("[\"a/b\"]", http.get("/store?keys_only&prefix=a&after=a"));
        assertBody("[]", http.get("/store?keys_only&prefix=a&after=b"));
        assertBody("[\"a\",\"a/b\"]", http.get("/store?keys_only&prefix=a&after=Z"));
    }

    @Test
    void linksLeadThroughAllPages() {
        List<String> keys = new ArrayList<>();
        for (String odd : new String[] {"&", "%", " x", "+", "\"", "\\", "\u00e9", "\ud83d\ude00", "/", "?", "#"}) {
            keys.add("p/a" + odd + "b");
            put("p/a" + odd + "b", "\"v\"");
        }
        List<String> seen = new ArrayList<>();
        String query = "?prefix=p%2F&limit=3&keys_only";
        while (query != null) {
            Answer page = http.get("/store" + query);
            assertEquals(200, page.status(), page::body);
            Matcher key = Pattern.compile("\"(p/(?:[^\"\\\\]|\\\\.)*)\"").matcher(page.body());
            while (key.find()) {
                seen.add(key.group(1).replace("\\\"", "\"").replace("\\\\", "\\"));
            }
            String link = page.header("link");
            query = link == null ? null : link.substring(1, link.indexOf(">; rel=\"next\""));
        }
        keys.sort((one, other) ->
                Arrays.compareUnsigned(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8)));
        assertEquals(keys, seen);
        assertNull(http.get("/store?prefix=p/&limit=11").header("link"));
    }

    private List<String> pages(String query) {
        List<String> pages = new ArrayList<>();
        for (String next = query; next != null; ) {
            Answer page = http.get("/store" + next);
            assertEquals(200, page.status(), page::body);
            pages.add(page.body().substring(FETCHED.length(), page.body().length() - 2));
            String link = page.header("link");
            next = link == null ? null : link.substring(1, link.indexOf(">; rel=\"next\""));
        }
        return pages;
    }

    @Test
    void aListMayBeginAtItsEnd() {
        for (String key : List.of("a", "p/1", "p/2", "p/3", "q")) {
            put(key, "1");
        }
        assertEquals(List.of("[\"p/3\",\"p/2\"]", "[\"p/1\"]"), pages("?prefix=p/&reverse&limit=2&keys_only"));
        assertEquals(
                "<?prefix=&limit=4&reverse&after=p%2F1&keys_only&consistency=leader>; rel=\"next\"",
                http.get("/store?reverse&limit=4&keys_only&consistency=leader").header("link"));
        assertBody("[\"a\"]", http.get("/store?reverse=true&after=b&keys_only"));
        assertBody("[\"q\"]", http.get("/store?reverse=false&after=p/3&keys_only"));
        assertBody("[]", http.get("/store?prefix=p/&reverse&after=p/&keys_only"));
    }

    @Test
    void keysComeInTheOrderOfTheirCreation() {
        put("c", "1");
        put("a", "1");
        put("b", "1");
        put("c", "2");
        assertEquals(List.of("[\"c\",\"a\"]", "[\"b\"]"), pages("?order=created&limit=2&keys_only"));
        assertEquals(
                "<?prefix=&limit=1&reverse&order=created&after=b&after_revision=3&keys_only&min_revision=2>; rel=\"next\"",
                http.get("/store?order=created&reverse&limit=1&keys_only&min_revision=2")
                        .header("link"));
        assertEquals(List.of("[\"b\",\"a\"]", "[\"c\"]"), pages("?order=created&reverse&limit=2&keys_only"));
        assertBody(
                "[{\"key\":\"c\",\"value\":2,\"create_revision\":1,\"change_revision\":4,\"version\":2}]",
                http.get("/store?prefix=c&order=created"));
        assertBody("[\"a\",\"b\",\"c\"]", http.get("/store?order=key&keys_only"));
    }

    @Test
    void tooManyKeysAreNotPutInTheOrderOfTheirCreation() {
        List<Command> puts = new ArrayList<>();
        for (int i = 0; i <= 10_000; i++) {
            puts.add(new Command.Put(Key.of("n/" + (100_000 + i)), new JsonText(new byte[] {'1'})));
        }
        server.replicator.replicate(puts);
        assertBody("[\"n/109999\"]", http.get("/store?prefix=n/10&order=created&reverse&limit=1&keys_only"));
        assertInvalid(
                "more than 10000 keys start with the prefix, and order=created looks at each of them: give a longer prefix",
                http.get("/store?order=created&limit=1"));
    }

    @Test
    void oneLevelIsShownWithEachPartOnce() {
        for (String key :
                List.of("app", "app/", "app/a", "app/b/1", "app/b/2", "app/b/c/3", "app/c", "app/d/", "b/1")) {
            put(key, "1");
        }
        String entry = "{\"key\":\"app/a\",\"value\":1,\"create_revision\":3,\"change_revision\":3,\"version\":1}";
        assertBody("[" + entry + "]", http.get("/store?prefix=app/a&separator=/"));
        assertBody(
                "[" + entry + ",{\"prefix\":\"app/b/\"}]",
                http.get("/store?prefix=app/&separator=/&after=app/&limit=2"));
        String level = "\"app/\",\"app/a\",\"app/b/\",\"app/c\",\"app/d/\"";
        assertBody("[" + level + "]", http.get("/store?prefix=app/&separator=/&keys_only"));
        assertBody("[\"app\",\"app/\",\"b/\"]", http.get("/store?separator=/&keys_only"));
        assertEquals(
                List.of("[\"app/\",\"app/a\"]", "[\"app/b/\",\"app/c\"]", "[\"app/d/\"]"),
                pages("?prefix=app/&separator=/&limit=2&keys_only"));
        assertEquals(
                List.of("[\"app/d/\",\"app/c\",\"app/b/\"]", "[\"app/a\",\"app/\"]"),
                pages("?prefix=app/&separator=/&limit=3&reverse&keys_only"));
        assertEquals(
                "<?prefix=app%2F&limit=3&separator=%2F&after=app%2Fb%2F>; rel=\"next\"",
                http.get("/store?prefix=app/&separator=/&limit=3").header("link"));
        assertBody("[\"app/c\",\"app/d/\"]", http.get("/store?prefix=app/&separator=/&keys_only&after=app/b/1"));
    }

    @Test
    void whatSeparatesMayBeASpace() {
        put("to be", "1");
        put("to do", "1");
        put("to-do", "1");
        put("zero", "1");
        assertEquals(List.of("[\"to \"]", "[\"to-do\"]", "[\"zero\"]"), pages("?separator=%20&limit=1&keys_only"));
    }

    @Test
    void theNextPageIsAsCurrentAsThisOneHadToBe() {
        put("a", "1");
        put("b", "1");
        put("c", "1");
        assertEquals(
                "<?prefix=&limit=1&after=a&consistency=linearizable&min_revision=3>; rel=\"next\"",
                http.get("/store?limit=1&consistency=linearizable&min_revision=3")
                        .header("link"));
        assertEquals(
                "<?prefix=&limit=1&after=a&keys_only&min_revision=2>; rel=\"next\"",
                http.get("/store?limit=1&keys_only&min_revision=2").header("link"));
    }

    @Test
    void manyKeysOfAPrefixAreCountedPartByPartAndAllKeysAtOnce() {
        put("m", "1");
        for (int part = 0; part < 4; part++) {
            List<Command> puts = new ArrayList<>();
            for (int i = 0; i < 25_001; i++) {
                puts.add(new Command.Put(Key.of("n/" + part + "/" + (100_000 + i)), new JsonText(new byte[] {'1'})));
            }
            server.replicator.replicate(puts);
        }
        Answer part = http.get("/store?count_only&prefix=n/&consistency=leader");
        assertBody("{\"count\":100000,\"more\":true}", part);
        String next = "?prefix=n%2F&after=n%2F3%2F124996&count_only&consistency=leader";
        assertEquals("<" + next + ">; rel=\"next\"", part.header("link"));
        Answer rest = http.get("/store" + next);
        assertBody("{\"count\":4}", rest);
        assertNull(rest.header("link"));
        assertBody("{\"count\":100005}", http.get("/store?count_only"));
    }

    @Test
    void aPageHasNoMoreBytesOfValuesThanOneValueMayHave() {
        String value = "\"" + "x".repeat(RestServer.MAX_VALUE / 4 - 2) + "\"";
        for (int i = 1; i <= 6; i++) {
            put("long/" + i, value);
        }
        put("long/7", "\"" + "x".repeat(RestServer.MAX_VALUE - 2) + "\"");
        put("long/8", "1");
        List<String> pages = new ArrayList<>();
        String next = "?prefix=long/&limit=1000";
        while (next != null) {
            Answer page = http.get("/store" + next);
            assertEquals(200, page.status());
            assertTrue(page.body().endsWith("]}\n"));
            pages.add(
                    KEY.matcher(page.body()).results().map(key -> key.group(1)).collect(Collectors.joining(" ")));
            String link = page.header("link");
            next = link == null ? null : link.substring(1, link.indexOf('>'));
        }
        assertEquals(List.of("1 2 3 4", "5 6", "7", "8"), pages);
        assertNull(http.get("/store?prefix=long/&limit=1000&keys_only").header("link"));
        // What is found one after another is sent so, too.
        Answer whole = http.get("/store?prefix=long/&order=created");
        assertTrue(whole.body().length() > 5 * RestServer.MAX_VALUE / 2);
        assertTrue(whole.body().endsWith("]}\n"));
        assertNull(whole.header("link"));
    }

    @Test
    void aPageShowsOneMoment() throws Exception {
        String between = "\"" + "x".repeat(2_000) + "\"";
        for (int i = 10; i < 60; i++) {
            put("pair/m" + i, between);
        }
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            for (int i = 0; !stop.get(); i++) {
                JsonText number = new JsonText(Integer.toString(i).getBytes(UTF_8));
                Key first = Key.of("pair/a");
                Key last = Key.of("pair/z");
                server.replicator.replicate(new Command.Txn(
                        List.of(),
                        i % 3 == 0
                                ? List.of(new TxnOp.Delete(last), new TxnOp.Delete(first))
                                : List.of(new TxnOp.Put(first, number, 0), new TxnOp.Put(last, number, 0)),
                        List.of()));
            }
        });
        try {
            for (int i = 0; i < 200; i++) {
                String query = "/store?prefix=pair/&limit=1000" + (i % 2 == 0 ? "" : "&reverse");
                Answer page = http.get(query);
                List<String> ends = ENDS.matcher(page.body())
                        .results()
                        .map(end -> end.group(1))
                        .toList();
                assertTrue(
                        ends.isEmpty() || ends.size() == 2 && ends.get(0).equals(ends.get(1)),
                        () -> ends + " at " + page.header("store-revision"));
                long keys = KEY_ONLY.matcher(http.get(query + "&keys_only").body())
                        .results()
                        .count();
                assertTrue(keys == 0 || keys == 2, () -> keys + " of two keys");
            }
        } finally {
            stop.set(true);
            writer.get(10, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "limit=0, limit is 0: give a whole number from 1 to 1000",
        "limit=1001, limit is 1001: give a whole number from 1 to 1000",
        "limit=-1, limit is -1: give a whole number from 1 to 1000",
        "limit=ten, limit is ten: give a whole number from 1 to 1000",
        "limit=99999999999999999999, limit is 99999999999999999999: give a whole number from 1 to 1000",
        "keys_only=1, keys_only is neither true nor false: 1",
        "keys_only&count_only, keys_only and count_only exclude each other: give one of them",
        "count_only&limit=1, limit and count_only exclude each other: give one of them",
        "count_only&reverse, reverse and count_only exclude each other: give one of them",
        "count_only&separator=/, separator and count_only exclude each other: give one of them",
        "count_only&order=created, order and count_only exclude each other: give one of them",
        "separator=/&order=created, separator and order exclude each other: give one of them",
        "separator=, 'separator is empty: give what parts the levels of the keys, such as /'",
        "reverse=1, reverse is neither true nor false: 1",
        "order=value, 'order is value: give one of key, created'",
        "after_revision=1, after_revision is for order=created: leave it out",
        "order=key&after=a&after_revision=1, after_revision is for order=created: leave it out",
        "order=created&after=a, 'with order=created after and after_revision belong together: give the key and its create_revision, as the Link of the page before does'",
        "order=created&after_revision=1, 'with order=created after and after_revision belong together: give the key and its create_revision, as the Link of the page before does'",
        "order=created&after=a&after_revision=x, after_revision is x: give a whole number from 0 to 922337203685477580",
        "after=%20, key is empty",
        "min_revision=-1, min_revision is -1: give a whole number from 0 to 922337203685477580"
    })
    void badParametersAreRefused(String query, String sentence) {
        assertInvalid(sentence, http.get("/store?" + query));
    }

    @Test
    void levelsAreNamed() {
        assertInvalid(
                "consistency is strong: give one of eventual, leader, linearizable",
                http.get("/store?consistency=strong"));
        assertInvalid(
                "unknown query parameter \\\"Prefix\\\": this request knows prefix, limit, after, reverse,"
                        + " separator, order, after_revision, keys_only, count_only, consistency, min_revision",
                http.get("/store?Prefix=a"));
    }

    @Test
    void aRangeIsRemovedAsOneChange() {
        put("r/1", "1");
        put("r/2", "1");
        put("s", "1");
        Answer answer = http.delete("/store?prefix=r/");
        assertEquals(
                "{\"message\":\"success removing data\",\"data\":{\"prefix\":\"r/\",\"removed\":2}}\n", answer.body());
        assertEquals("4", answer.header("store-revision"));
        assertBody("[\"s\"]", http.get("/store?keys_only"));
        assertEquals("4", http.delete("/store?prefix=r/").header("store-revision"));
        assertInvalid(
                "prefix is empty, which would remove every key: name the range that is to go",
                http.delete("/store?prefix="));
        assertInvalid(
                "a key and a prefix are given: remove one key, or the range that has the prefix",
                http.delete("/store/s?prefix=r"));
        assertInvalid(
                "If-Match and If-None-Match are about one key: compare keys in a transaction, POST /txn",
                http.send("DELETE", "/store?prefix=s", "If-Match: \"1\"\r\n"));
        assertBody("[\"s\"]", http.get("/store?keys_only"));
    }

    @Test
    void timeToLiveIsShownAndEndsWithAWriteWithoutOne() {
        http.post("/store", "{\"key\":\"k\",\"value\":1,\"ttl\":60}");
        assertEquals("60", http.get("/store/k").header("store-ttl"));
        assertTrue(http.get("/store").body().contains(",\"version\":1,\"ttl\":60}"));
        http.post("/store", "{\"key\":\"k\",\"value\":1}");
        assertNull(http.get("/store/k").header("store-ttl"));
    }

    @ParameterizedTest
    @CsvSource({"0", "-1", "1.5", "315360001", "1e3", "99999999999999999999", "true", "'\"5\"'", "null"})
    void badTimesToLiveAreRefused(String ttl) {
        assertInvalid(
                "ttl is not acceptable: give a whole number from 1 to 315360000",
                http.post("/store", "{\"key\":\"k\",\"value\":1,\"ttl\":" + ttl + "}"));
        assertEquals(
                422,
                http.send("PUT", "/store/k?ttl=" + ttl.replace("\"", "%22"), "Content-Length: 0\r\n")
                        .status());
    }
}

package dev.raftkv.raft.wire;

import static dev.raftkv.testkit.Eventually.eventually;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.raftkv.testkit.LogLines;
import dev.raftkv.tls.TestCertificates;
import dev.raftkv.tls.Tls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBuf;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBufAllocator;
import org.apache.ratis.thirdparty.io.netty.buffer.Unpooled;
import org.apache.ratis.thirdparty.io.netty.buffer.UnpooledByteBufAllocator;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelHandlerContext;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelInboundHandlerAdapter;
import org.apache.ratis.thirdparty.io.netty.channel.embedded.EmbeddedChannel;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslHandler;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslHandshakeCompletionEvent;
import org.apache.ratis.thirdparty.io.netty.util.ReferenceCountUtil;
import org.apache.ratis.thirdparty.io.netty.util.ReferenceCounted;
import org.apache.ratis.thirdparty.io.netty.util.concurrent.ImmediateExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** BoringSSL and the JDK's TLS, in all pairs: who dials, and who answers. */
class EncryptionTest {
    private static final ByteBufAllocator MEMORY = UnpooledByteBufAllocator.DEFAULT;
    private static final int MOST_ROUNDS = 20;

    @TempDir
    Path directory;

    private final List<Encryption> opened = new ArrayList<>();
    private TestCertificates ours;
    private TestCertificates others;

    @BeforeEach
    void makeAuthorities() {
        ours = TestCertificates.in(directory.resolve("ours"));
        others = TestCertificates.in(directory.resolve("others"));
    }

    @AfterEach
    void close() {
        opened.forEach(Encryption::close);
    }

    private Encryption open(Tls tls, boolean natively) {
        Encryption encryption = new Encryption("node", tls, natively, ImmediateExecutor.INSTANCE);
        encryption.open();
        opened.add(encryption);
        return encryption;
    }

    /** One end of a connection, and what went wrong at it. */
    private static final class End extends ChannelInboundHandlerAdapter {
        private final EmbeddedChannel channel = new EmbeddedChannel();
        private final SslHandler tls;
        private Throwable failure;
        private String heard = "";

        End(SslHandler tls) {
            this.tls = tls;
            channel.pipeline().addLast(tls, this);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
                exceptionCaught(context, handshake.cause());
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            heard += ((ByteBuf) message).toString(US_ASCII);
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
            if (failure == null) {
                failure = thrown;
            }
        }

        void giveTo(End other) {
            for (Object bytes = channel.readOutbound(); bytes != null; bytes = channel.readOutbound()) {
                if (other.channel.isOpen()) {
                    other.channel.writeInbound(bytes);
                } else {
                    ReferenceCountUtil.release(bytes);
                }
            }
            channel.runPendingTasks();
        }

        String explained() {
            return failure == null ? "" : Encryption.explain(failure);
        }
    }

    private static final class Pair implements AutoCloseable {
        private final End dialer;
        private final End answerer;

        Pair(SslHandler dialer, SslHandler answerer) {
            this.answerer = new End(answerer);
            this.dialer = new End(dialer);
            talk();
        }

        private void talk() {
            for (int round = 0; round < MOST_ROUNDS; round++) {
                dialer.giveTo(answerer);
                answerer.giveTo(dialer);
            }
        }

        void say(String text) {
            dialer.channel.writeOutbound(Unpooled.copiedBuffer(text, US_ASCII));
            talk();
        }

        @Override
        public void close() {
            dialer.channel.close();
            answerer.channel.close();
        }
    }

    private static Pair pair(Encryption dials, Encryption answers) {
        return new Pair(dials.handler(MEMORY, true, 10_000), answers.handler(MEMORY, false, 10_000));
    }

    private static boolean isNative(SslHandler handler) {
        return handler.engine() instanceof ReferenceCounted;
    }

    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void bothEndsKnowEachOtherByNameWithEachKindOfKey(boolean dials, boolean answers) throws Exception {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2048);
        KeyPairGenerator longer = KeyPairGenerator.getInstance("EC");
        longer.initialize(new ECGenParameterSpec("secp384r1"));
        Encryption answerer = open(Tls.open(ours.node("node1")), answers);
        for (Path certificate : List.of(
                ours.node("node2"),
                ours.node("node2", rsa.generateKeyPair()),
                ours.node("node2", longer.generateKeyPair()))) {
            Encryption dialer = open(Tls.open(certificate), dials);
            try (Pair pair = pair(dialer, answerer)) {
                assertEquals("", pair.dialer.explained());
                assertEquals("", pair.answerer.explained());
                assertEquals(dials, isNative(pair.dialer.tls));
                assertEquals(answers, isNative(pair.answerer.tls));
                pair.say("x".repeat(100_000));
                assertEquals(100_000, pair.answerer.heard.length());
                assertEquals("TLSv1.3", pair.dialer.tls.engine().getSession().getProtocol());
                assertEquals(Optional.of("node2"), answerer.name(Encryption.shown(pair.answerer.channel)));
                assertEquals(Optional.of("node1"), dialer.name(Encryption.shown(pair.dialer.channel)));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void whatIsWrongWithACertificateIsSaidAtBothEnds(boolean dials, boolean answers) throws Exception {
        Instant soon = Instant.now().plusSeconds(2);
        Path node = ours.node("node1");
        Path stranger = others.node("stranger");
        Path late = ours.node("late", List.of("localhost"), soon);
        Encryption expiring = open(Tls.open(late), dials);
        Encryption expiringAnswers = open(Tls.open(late), answers);
        Encryption dialer = open(Tls.open(node), dials);
        Encryption answerer = open(Tls.open(node), answers);
        String foreign =
                "the other side's certificate, of stranger, is refused: no authority in our ca.pem has signed it,"
                        + " but CN=test authority";
        try (Pair pair = pair(dialer, open(Tls.open(stranger), answers))) {
            assertEquals(foreign, pair.dialer.explained());
            assertSaysAuthority(pair.answerer.explained());
        }
        // It believes the answerer, so that it is the answerer who refuses.
        Files.writeString(stranger.resolve("ca.pem"), others.authorityText() + ours.authorityText());
        try (Pair pair = pair(open(Tls.open(stranger), dials), answerer)) {
            assertEquals(foreign, pair.answerer.explained());
            assertSaysAuthority(pair.dialer.explained());
        }
        try (Pair pair = nobody(answerer)) {
            assertEquals("the other side has given no certificate, and must", pair.answerer.explained());
        }
        eventually(Duration.ofSeconds(20), () -> assertTrue(Instant.now().isAfter(soon)));
        String expired = "the other side's certificate, of late, is refused: it expired at ";
        try (Pair pair = pair(dialer, expiringAnswers)) {
            assertTrue(pair.dialer.explained().startsWith(expired), pair.dialer::explained);
            assertTold(dials, pair.answerer.explained());
        }
        try (Pair pair = pair(expiring, answerer)) {
            assertTrue(pair.answerer.explained().startsWith(expired), pair.answerer::explained);
            assertTold(answers, pair.dialer.explained());
        }
    }

    /** The JDK does not tell the other side as much. */
    private static void assertTold(boolean natively, String explained) {
        assertTrue(
                explained.startsWith("the other side refuses our certificate: "
                        + (natively ? "by its clock it has expired, or is not valid yet" : "")),
                explained);
    }

    private static void assertSaysAuthority(String explained) {
        assertTrue(explained.startsWith("the other side refuses our certificate: "), explained);
        assertTrue(explained.contains("authority"), explained);
    }

    /** Believes everybody by the authority, and shows nothing. */
    private Pair nobody(Encryption answerer) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                null,
                new TrustManager[] {Tls.open(ours.node("trusting")).managers().trust()},
                null);
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        return new Pair(new SslHandler(engine), answerer.handler(MEMORY, false, 10_000));
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void aNewCertificateIsShownByWhatConnectsAfterItAndNothingIsKept(boolean natively) throws Exception {
        Tls changing = Tls.open(ours.node("node1"));
        Encryption answerer = open(changing, natively);
        Encryption dialer = open(Tls.open(ours.node("node2")), natively);
        Pair before = pair(dialer, answerer);
        X509Certificate old = changing.certificate();
        ours.node("node1");
        changing.reread();
        Pair after = pair(dialer, answerer);
        assertArrayEquals(new X509Certificate[] {old}, Encryption.shown(before.dialer.channel));
        assertArrayEquals(new X509Certificate[] {changing.certificate()}, Encryption.shown(after.dialer.channel));
        assertFalse(old.equals(changing.certificate()));
        before.say("still there");
        assertEquals("still there", before.answerer.heard);
        before.close();
        after.close();
        for (End end : List.of(before.dialer, before.answerer, after.dialer, after.answerer)) {
            assertEquals(natively, isNative(end.tls));
            assertEquals(natively ? 0 : -1, ReferenceCountUtil.refCnt(end.tls.engine()));
        }
    }

    @Test
    void whoseTlsItIsIsLoggedOnceAndWhy() throws Exception {
        KeyPairGenerator longest = KeyPairGenerator.getInstance("EC");
        longest.initialize(new ECGenParameterSpec("secp521r1"));
        Path long521 = ours.node("long", longest.generateKeyPair());
        Tls changing = Tls.open(ours.node("node1"));
        try (LogLines lines = LogLines.of(Encryption.class)) {
            Encryption first = open(changing, true);
            open(changing, false);
            open(Tls.open(long521), true);
            pair(open(Tls.open(ours.node("node2")), false), first).close();
            assertEquals(
                    List.of(
                            "INFO node: TLS at the Raft port is BoringSSL's",
                            "INFO node: TLS at the Raft port is the JDK's: in a server that may load an application again the"
                                    + " native library cannot be used",
                            "INFO node: TLS at the Raft port is the JDK's: the native library does not know the node's kind of"
                                    + " key, an EC key of 521 bits; P-256 is fast",
                            "INFO node: TLS at the Raft port is the JDK's: in a server that may load an application again the"
                                    + " native library cannot be used"),
                    lines.all());
        }
        try (LogLines lines = LogLines.of(Encryption.class)) {
            Encryption running = open(changing, true);
            ours.node("node1", longest.generateKeyPair());
            changing.reread();
            try (Pair pair = pair(open(Tls.open(long521), false), running)) {
                assertEquals("", pair.dialer.explained() + pair.answerer.explained());
                assertFalse(isNative(pair.answerer.tls), "a key that it does not know is no reason to refuse");
            }
            assertTrue(
                    lines.all().get(2).startsWith("WARNING TLS at the Raft port is the JDK's from now on: "),
                    lines.all()::toString);
        }
    }

    @Test
    void aJavaForMuslIsTold() throws Exception {
        Path loaded = directory.resolve("maps");
        Files.writeString(loaded, "7f00-7f01 r-xp 00000000 00:1f 3 /lib/ld-musl-x86_64.so.1\n");
        assertTrue(Encryption.Library.usesMusl(loaded));
        Files.writeString(loaded, "7f00-7f01 r-xp 00000000 00:1f 3 /usr/lib/x86_64-linux-gnu/libc.so.6\n");
        assertFalse(Encryption.Library.usesMusl(loaded));
        assertFalse(Encryption.Library.usesMusl(directory.resolve("nothing")));
    }
}

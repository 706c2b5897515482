package dev.raftkv.rest.access;

import dev.raftkv.access.Caller;
import dev.raftkv.access.TokenFile;
import dev.raftkv.access.Tokens;
import jakarta.servlet.http.HttpServletRequest;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Function;

/** Knows callers by a file of tokens, and by client certificates whose names stand in it. */
public final class FileLogin implements Login {
    /** Where every container puts the chain of a client's certificates, the client's first. */
    private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";

    private final TokenFile file;
    private final Function<X509Certificate[], Optional<String>> verified;

    /** @param verified the name of whoever has a certificate, if our own authority vouches for it now: another's names mean nothing */
    public FileLogin(TokenFile file, Function<X509Certificate[], Optional<String>> verified) {
        this.file = file;
        this.verified = verified;
    }

    /** What is said in a header counts more than what a connection shows by itself. */
    @Override
    public Answer who(HttpServletRequest request) {
        Tokens tokens = file.tokens();
        return Credentials.of(request)
                .map(shown -> byToken(tokens, shown))
                .orElseGet(() -> byCertificate(tokens, request));
    }

    private static Answer byToken(Tokens tokens, Credentials shown) {
        Optional<Caller> caller = shown.secret().length == 0 ? Optional.empty() : tokens.byToken(shown.secret());
        return caller.filter(known -> shown.name().map(known.name()::equals).orElse(true))
                .map(Answer::of)
                .orElseGet(() -> Answer.wrong(shown.name().filter(tokens::knows).orElse(Answer.STRANGER)));
    }

    private Answer byCertificate(Tokens tokens, HttpServletRequest request) {
        return request.getAttribute(CERTIFICATES) instanceof X509Certificate[] chain && chain.length > 0
                ? verified.apply(chain)
                        .flatMap(tokens::byCertificate)
                        .map(Answer::of)
                        .orElse(Answer.NOBODY)
                : Answer.NOBODY;
    }
}

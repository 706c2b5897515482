package dev.raftkv.rest.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.raftkv.access.Caller;
import dev.raftkv.access.UserRole;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows callers as the server does that the application runs in: by its realm, a client certificate, a valve. Whoever it has not
 * logged in by itself and who sends a name and a password is logged in by them here, so that it needs no constraint of its own.
 */
public final class ContainerLogin implements Login {
    /** Before the names of our roles: a realm has others, too. */
    private static final String PREFIX = "raftkv-";

    /** As the specification of servlets writes it, and as that of the descriptor and Jetty do. */
    private static final Set<String> CERTIFIED = Set.of(HttpServletRequest.CLIENT_CERT_AUTH, "CLIENT-CERT");

    private static final Logger LOG = LoggerFactory.getLogger(ContainerLogin.class);

    @Override
    public Answer who(HttpServletRequest request) {
        Principal principal = request.getUserPrincipal();
        if (principal != null) {
            return Answer.of(caller(request, principal));
        }
        return Credentials.of(request).map(shown -> logIn(request, shown)).orElse(Answer.NOBODY);
    }

    private static Answer logIn(HttpServletRequest request, Credentials shown) {
        Optional<String> name = shown.name().filter(given -> !given.isEmpty());
        if (name.isPresent()) {
            try {
                request.login(name.get(), new String(shown.secret(), UTF_8));
                Principal principal = request.getUserPrincipal();
                if (principal != null) {
                    return Answer.of(caller(request, principal));
                }
            } catch (ServletException e) {
                LOG.debug("the server does not let somebody in", e);
            }
        }
        // It does not say whether it knows the name.
        return Answer.wrong(Answer.STRANGER);
    }

    private static Caller caller(HttpServletRequest request, Principal principal) {
        Set<UserRole> roles = EnumSet.noneOf(UserRole.class);
        for (UserRole role : UserRole.values()) {
            if (request.isUserInRole(PREFIX + role.text())) {
                roles.add(role);
            }
        }
        boolean certified = CERTIFIED.contains(String.valueOf(request.getAuthType()));
        return new Caller(certified ? commonName(principal.getName()) : principal.getName(), roles);
    }

    /** Servers call whoever has shown a certificate by its whole subject, and nodes are known by their ids. */
    private static String commonName(String subject) {
        try {
            return new LdapName(subject)
                    .getRdns().stream()
                            .filter(part -> part.getType().equalsIgnoreCase("CN"))
                            .map(part -> part.getValue().toString())
                            .reduce((above, own) -> own)
                            .orElse(subject);
        } catch (InvalidNameException e) {
            // A realm may call them something else.
            return subject;
        }
    }
}

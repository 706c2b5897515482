package dev.raftkv.rest.access;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.raftkv.access.Caller;
import dev.raftkv.access.UserRole;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.security.Principal;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ContainerLoginTest {
    /** What servers tell of whoever they have logged in. */
    private static HttpServletRequest request(String way, String name) {
        Principal principal = () -> name;
        return (HttpServletRequest) Proxy.newProxyInstance(
                ContainerLoginTest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getUserPrincipal" -> principal;
                    case "getAuthType" -> way;
                    case "isUserInRole" -> arguments[0].equals("raftkv-node");
                    default -> throw new AssertionError(method);
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CLIENT_CERT | CN=node1, OU=a\\, b, O=Example | node1",
                "CLIENT_CERT | cn=node1,CN=nodes,O=Example | node1",
                "CLIENT_CERT | O=Example | O=Example",
                "CLIENT-CERT | CN=node1 | node1",
                "BASIC | CN=node1 | CN=node1",
                " | CN=node1 | CN=node1",
            })
    void whoeverHasShownACertificateIsCalledByItsCommonName(String way, String name, String called) {
        assertEquals(
                new Caller(called, Set.of(UserRole.NODE)),
                new ContainerLogin().who(request(way, name)).caller());
    }
}

package dev.raftkv.access;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PassedOnTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "alice|ADMIN,NODE|alice:admin",
                "a:b,c é|READER,METRICS|a%3Ab%2Cc+%C3%A9:reader,metrics",
                "node2|NODE|node2:"
            })
    void aCallerIsPassedOnWithoutTheRoleOfANode(String name, String roles, String text) {
        Set<UserRole> has =
                Set.of(roles.split(",")).stream().map(UserRole::valueOf).collect(Collectors.toSet());
        assertEquals(text, PassedOn.text(new Caller(name, has)));
        has.remove(UserRole.NODE);
        assertEquals(new Caller(name, has), PassedOn.caller(text));
    }

    @Test
    void whoIsNotKnownGetsNoRoles() {
        assertEquals("anybody:", PassedOn.text(Caller.ANYBODY));
        assertEquals(Set.of(), PassedOn.caller("eve:node,root,").roles());
        assertEquals(Set.of(), PassedOn.caller("%zz:admin").roles());
    }
}

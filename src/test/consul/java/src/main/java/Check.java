import java.util.Objects;

/** What a client must have seen; else the program ends with it. */
final class Check {
    static final String NO_SESSION = "00000000-0000-0000-0000-000000000000";

    private Check() {}

    interface Call {
        void run() throws Exception;
    }

    static void same(String what, Object expected, Object seen) {
        if (!Objects.equals(expected, seen)) {
            throw new IllegalStateException(what + ": expected " + expected + ", and it was " + seen);
        }
    }

    static void holds(String what, boolean holds) {
        same(what, true, holds);
    }

    static void fails(String what, String sentence, Call call) {
        try {
            call.run();
        } catch (Exception e) {
            holds(what + " says " + sentence + ": " + e, e.toString().contains(sentence));
            return;
        }
        throw new IllegalStateException(what + " did not fail");
    }
}

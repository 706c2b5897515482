package dev.raftkv.rest.access;

import dev.raftkv.access.Caller;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/** Finds out who asks, from what a request shows. */
public interface Login {
    /** Where nobody has to say who they are. */
    Login NONE = request -> Answer.of(Caller.ANYBODY);

    /** On the container's thread; does not wait for another node or the client. */
    Answer who(HttpServletRequest request);

    /**
     * @param caller {@link Caller#NOBODY} if the request does not show, or not prove, who asks
     * @param wrong whom it is from by its own words, where what it shows does not prove it; one of ours, or {@link #STRANGER}
     */
    record Answer(Caller caller, Optional<String> wrong) {
        /** Stands for all names that nobody here has. */
        static final String STRANGER = "a stranger";

        static final Answer NOBODY = of(Caller.NOBODY);

        public static Answer of(Caller caller) {
            return new Answer(caller, Optional.empty());
        }

        /** @param name one of ours, or {@link #STRANGER} */
        public static Answer wrong(String name) {
            return new Answer(Caller.NOBODY, Optional.of(name));
        }
    }
}

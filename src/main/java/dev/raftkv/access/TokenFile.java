package dev.raftkv.access;

import dev.raftkv.model.StartException;
import java.nio.file.Path;

/** The file of tokens, read again when it has changed. A change that is wrong is logged once and changes nothing. Thread-safe. */
public final class TokenFile {
    private static final PrivateFile.Use<Tokens> USE = new PrivateFile.Use<>(
            "RAFT_AUTH", "the file of tokens, of lines that java -jar raftkv.war token prints", 1 << 20, Tokens::parse);

    private final PrivateFile<Tokens> file;

    private TokenFile(PrivateFile<Tokens> file) {
        this.file = file;
    }

    /**
     * Reads the file.
     *
     * @throws StartException with what is wrong and what to do, if it cannot be used
     */
    public static TokenFile open(Path path) {
        return new TokenFile(new PrivateFile<>(USE, path, System::nanoTime));
    }

    /** The tokens as the file has them, or had them before a change that was wrong, or is a second old at most. */
    public Tokens tokens() {
        return file.content();
    }
}

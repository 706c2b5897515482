package dev.raftkv.rest.http;

/**
 * A body whose pieces come when something happens: {@link #next} answers with an empty one when there is nothing now. What it
 * throws before the first piece becomes the answer.
 */
public interface Live extends Pieces {
    /**
     * Called once, before the first piece is asked for.
     *
     * @param wake says that there may be something, and may ask for it; waits for no client
     */
    void begin(Runnable wake);

    /** It is time to show a client without news that the connection lives; then the next piece is asked for. */
    void heartbeat();

    /** The client has taken nothing for too long: the next piece is the last, and says where to go on. */
    void tooSlow();

    /** Others need what it holds: the next piece is the last, and says to come again. */
    void giveWay();

    /** The client goes on to take nothing, and is cut off. */
    void cutOff();
}

package dev.raftkv.launch;

/**
 * What {@code java -jar raftkv.war} calls. Compiled for Java 8, and bound to no other class of ours, so that an old Java
 * can say which one is needed instead of failing on the format of a class.
 */
public final class Main {
    private static final int NEEDED = 17;
    private static final int EXIT_WRONG_USE = 2;

    private Main() {}

    /** Starts a node as the options say; ends the JVM with 2 if it or they are not good for that. */
    public static void main(String[] arguments) throws ReflectiveOperationException {
        String refusal = refusal(System.getProperty("java.specification.version"), System.getProperty("java.home"));
        if (!refusal.isEmpty()) {
            System.err.println(refusal);
            System.exit(EXIT_WRONG_USE);
        }
        Class.forName("dev.raftkv.launch.Launcher")
                .getDeclaredMethod("launch", String[].class)
                .invoke(null, (Object) arguments);
    }

    /**
     * What is wrong with this Java; empty if nothing is.
     *
     * @param version {@code 1.8} for Java 8, {@code 17} for Java 17
     */
    static String refusal(String version, String home) {
        int feature = Integer.parseInt(version.replaceFirst("^1\\.", ""));
        return feature >= NEEDED
                ? ""
                : "raftkv needs Java " + NEEDED + " or newer, and this is Java " + feature + " in " + home + ".";
    }
}

package dev.raftkv.client;

import dev.raftkv.client.RaftkvClient.Entry;
import java.util.ArrayList;
import java.util.List;

/** Reads the entries out of the answer to a list, with their values as they stand there. For answers of nodes, which are JSON. */
final class Listing {
    private final String json;
    private int at;

    private Listing(String json) {
        this.json = json;
    }

    /** @throws IllegalArgumentException if it is no such answer */
    static List<Entry> entries(String json) {
        try {
            return new Listing(json).answer();
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("the answer to a list breaks off", e);
        }
    }

    private List<Entry> answer() {
        List<Entry> entries = new ArrayList<>();
        for (boolean more = begins('{', '}'); more; more = goesOn('}')) {
            if (!name().equals("data")) {
                value();
                continue;
            }
            for (boolean another = begins('[', ']'); another; another = goesOn(']')) {
                entries.add(entry());
            }
        }
        return entries;
    }

    private Entry entry() {
        String key = "";
        String value = "";
        long revision = 0;
        for (boolean more = begins('{', '}'); more; more = goesOn('}')) {
            switch (name()) {
                case "key" -> key = string();
                case "value" -> value = value();
                case "change_revision" -> revision = Long.parseLong(value());
                default -> value();
            }
        }
        return new Entry(key, value, revision);
    }

    /** Whether there is something in what begins here. */
    private boolean begins(char open, char close) {
        take(open);
        return !ends(close);
    }

    private boolean goesOn(char close) {
        if (ends(close)) {
            return false;
        }
        take(',');
        return true;
    }

    private boolean ends(char close) {
        skipSpace();
        if (json.charAt(at) != close) {
            return false;
        }
        at++;
        return true;
    }

    private String name() {
        String name = string();
        take(':');
        return name;
    }

    private String string() {
        take('"');
        StringBuilder text = new StringBuilder();
        while (json.charAt(at) != '"') {
            char next = json.charAt(at++);
            text.append(next == '\\' ? escaped() : next);
        }
        at++;
        return text.toString();
    }

    private char escaped() {
        char letter = json.charAt(at++);
        return switch (letter) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> (char) Integer.parseInt(json.substring(at, at += 4), 16);
            default -> letter;
        };
    }

    /** The text of any value. */
    private String value() {
        skipSpace();
        int begin = at;
        int depth = 0;
        do {
            char next = json.charAt(at);
            if (next == '"') {
                string();
            } else if (next == '{' || next == '[') {
                depth++;
                at++;
            } else if (next == '}' || next == ']') {
                depth--;
                at++;
            } else if (isWord(next)) {
                skipWord();
            } else {
                at++;
            }
        } while (depth > 0);
        return json.substring(begin, at);
    }

    private void skipWord() {
        while (isWord(json.charAt(at))) {
            at++;
        }
    }

    /** Of numbers, true, false and null. */
    private static boolean isWord(char letter) {
        return Character.isLetterOrDigit(letter) || letter == '-' || letter == '+' || letter == '.';
    }

    private void take(char expected) {
        skipSpace();
        if (json.charAt(at) != expected) {
            throw new IllegalArgumentException("the answer to a list has no " + expected + " at " + at);
        }
        at++;
    }

    private void skipSpace() {
        while (Character.isWhitespace(json.charAt(at))) {
            at++;
        }
    }
}

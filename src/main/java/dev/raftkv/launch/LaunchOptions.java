package dev.raftkv.launch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The options that a command line gives, checked. */
final class LaunchOptions {
    private final Map<LaunchOption, String> given = new EnumMap<>(LaunchOption.class);
    private final List<String> problems = new ArrayList<>();

    private LaunchOptions() {}

    /**
     * Takes {@code --port 2221} and {@code --port=2221}.
     *
     * @throws LaunchException with all that is wrong, and what would be right
     */
    static LaunchOptions parse(String... arguments) throws LaunchException {
        LaunchOptions options = new LaunchOptions();
        List<String> rest = new ArrayList<>(Arrays.asList(arguments));
        while (!rest.isEmpty()) {
            options.takeFirst(rest);
        }
        if (!options.problems.isEmpty()) {
            throw new LaunchException(
                    LaunchException.EXIT_WRONG_USE,
                    String.join("\n", options.problems) + "\nAll options: java -jar raftkv.war "
                            + LaunchOption.HELP.flag());
        }
        return options;
    }

    boolean has(LaunchOption option) {
        return given.containsKey(option);
    }

    Optional<String> value(LaunchOption option) {
        return Optional.ofNullable(given.get(option));
    }

    private void takeFirst(List<String> arguments) {
        String argument = arguments.remove(0);
        int equals = argument.indexOf('=');
        String flag = equals < 0 ? argument : argument.substring(0, equals);
        Optional<LaunchOption> named = Arrays.stream(LaunchOption.values())
                .filter(option -> option.flag().equals(flag))
                .findFirst();
        boolean valueFollows =
                equals < 0 && !arguments.isEmpty() && !arguments.get(0).startsWith("--");
        if (named.isEmpty()) {
            problems.add(argument + " is no option"
                    + NearestFlag.to(flag)
                            .map(near -> ": did you mean " + near + "?")
                            .orElse(""));
            if (valueFollows && flag.startsWith("-")) {
                // Most likely its value, and no second mistake.
                arguments.remove(0);
            }
        } else if (equals >= 0) {
            put(named.get(), Optional.of(argument.substring(equals + 1)));
        } else {
            boolean wanted = named.get().takesValue() && valueFollows;
            put(named.get(), wanted ? Optional.of(arguments.remove(0)) : Optional.empty());
        }
    }

    private void put(LaunchOption option, Optional<String> value) {
        if (!option.takesValue() && value.isPresent()) {
            problems.add(option.flag() + " takes no value, and has " + value.get());
        } else if (option.takesValue() && value.isEmpty()) {
            problems.add(option.flag() + " has no value: give " + option.accepts());
        } else if (option.takesValue() && !option.accepts(value.get())) {
            problems.add(option.flag() + " is " + value.get() + ": give " + option.accepts());
        } else if (given.put(option, value.orElse("")) != null) {
            problems.add(option.flag() + " is given twice: give it once");
        }
    }
}

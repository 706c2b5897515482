package dev.raftkv.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The places that a node's settings come from; for each setting the first that has it counts. Immutable. */
public final class ConfigSources {
    private final List<Source> sources;

    /** @param sources the one that wins first; after the last come the defaults */
    public ConfigSources(List<Source> sources) {
        this.sources = List.copyOf(sources);
    }

    /**
     * The configuration of the node.
     *
     * @throws ConfigException with all that is wrong
     */
    public EffectiveConfig load(Deployment deployment) {
        return new ConfigReader(this, deployment).read();
    }

    /** What to tell the operator about names that look like settings and are none; each a line, none if all is well. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        for (Source source : sources) {
            for (String name : source.unknownNames()) {
                String hint = NearestSetting.to(name)
                        .map(setting -> ": did you mean " + setting + "?")
                        .orElse("");
                warnings.add(name + " (" + source.label() + ") is no setting of raftkv" + hint);
            }
        }
        return warnings;
    }

    Optional<Sourced> find(Setting setting) {
        for (Source source : sources) {
            Optional<String> value = source.find(setting);
            if (value.isPresent()) {
                return Optional.of(new Sourced(value.get(), source.label()));
            }
        }
        return Optional.empty();
    }
}

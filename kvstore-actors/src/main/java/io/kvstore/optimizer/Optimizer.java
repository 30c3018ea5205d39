package io.kvstore.optimizer;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import java.util.Map;
import java.util.Optional;

/**
 * The description of an optimizer: a rule's name and its settings, under MXNet's names and with its defaults; immutable.
 *
 * <pre>{@code
 * Optimizer.sgd().learningRate(0.05).set("momentum", 0.9).build()
 * Optimizer.of("adam", Map.of("learning_rate", 0.001, "beta1", 0.95))
 * }</pre>
 *
 * Equal descriptions are equal values, so that setting the same optimizer twice is recognised as one. The rules are
 * listed in {@link io.kvstore.optimizer}; all have the common settings of {@link Builder}.
 */
public final class Optimizer {
    private final OptimizerRule rule;
    private final Settings settings;
    private final Common common;

    private Optimizer(OptimizerRule rule, Settings settings, Common common) {
        this.rule = rule;
        this.settings = settings;
        this.common = common;
    }

    public static Builder sgd() {
        return named("sgd");
    }

    public static Builder adam() {
        return named("adam");
    }

    /** A builder for the rule of that name, in any case. @throws KVStoreException if no rule has it */
    public static Builder named(String name) {
        return new Builder(Rules.named(name));
    }

    /**
     * An optimizer from a name and a map, as configuration files and command lines give it.
     *
     * @param settings as for {@link Builder#set}
     * @throws KVStoreException naming the rule, the setting, what is known and what was given
     */
    public static Optimizer of(String name, Map<String, ?> settings) {
        Builder builder = named(name);
        settings.forEach(builder::set);
        return builder.build();
    }

    /**
     * The optimizer that {@link #toJson} wrote.
     *
     * @throws KVStoreException if the text is no JSON, has another format or an unknown field, naming the line or field
     */
    public static Optimizer fromJson(String text) {
        return JsonReader.read(text);
    }

    /** This description as one JSON object, readable by people and {@link #fromJson}; numbers are exact. */
    public String toJson() {
        return JsonWriter.write(this);
    }

    public String name() {
        return rule.name();
    }

    public OptimizerRule rule() {
        return rule;
    }

    /** Whether the rule is one of the store's own, not a user's. */
    public boolean isBuiltIn() {
        return Rules.isBuiltIn(rule);
    }

    /** The rule's own settings, complete. */
    public Settings settings() {
        return settings;
    }

    /** The base rate, before schedule and multipliers. */
    public double learningRate() {
        return common.learningRate();
    }

    /** Weight decay, before multipliers. */
    public double wd() {
        return common.wd();
    }

    /** The factor for each gradient element. */
    public double rescaleGrad() {
        return common.rescaleGrad();
    }

    /** Factors of the learning rate by key name; not to be changed. */
    public Map<String, Double> lrMult() {
        return common.lrMult();
    }

    /** Factors of the weight decay by key name; not to be changed. */
    public Map<String, Double> wdMult() {
        return common.wdMult();
    }

    /** Whether 16-bit weights have a float32 master copy. */
    public boolean multiPrecision() {
        return common.multiPrecision();
    }

    /** Whether a row-sparse gradient leaves the rows it does not name, and their states, as they are. */
    public boolean lazyUpdate() {
        return common.lazyUpdate();
    }

    /** The rate as a function of a key's update count, if it is not constant. */
    public Optional<Schedule> schedule() {
        return Optional.ofNullable(common.schedule());
    }

    Common common() {
        return common;
    }

    /** What the states that it keeps of a weight depend on. */
    public StateForm stateForm() {
        return new StateForm(rule.name(), rule.states(settings), multiPrecision());
    }

    /** Whether {@code other} can go on with the states that this optimizer has left. */
    public boolean sameStateAs(Optimizer other) {
        return stateForm().equals(other.stateForm());
    }

    /**
     * What the rule needs to know of a key's update.
     *
     * @param updates the number of the update, from 1
     * @param element the index in the whole tensor of the first element
     * @param sums the whole tensor's, if any are taken
     */
    Step step(Key key, long updates, long element, double[] sums) {
        long count = common.beginNumUpdate() + updates;
        double rate = common.rate(count);
        double last = updates > 1 ? common.rate(count - 1) : rate;
        return new Step(
                key,
                count,
                rate * common.lrMult().getOrDefault(key.name(), 1.0),
                last == 0 ? 1 : rate / last,
                common.wd() * common.wdMult().getOrDefault(key.name(), 1.0),
                common.rescaleGrad(),
                common.clipGradient(),
                settings,
                element,
                sums);
    }

    /** A builder that starts from this description. */
    public Builder toBuilder() {
        return new Builder(rule, settings, common);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Optimizer that
                && rule.name().equals(that.rule.name())
                && settings.equals(that.settings)
                && common.equals(that.common);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * rule.name().hashCode() + settings.hashCode()) + common.hashCode();
    }

    @Override
    public String toString() {
        return rule.name() + "(learning_rate=" + learningRate() + ", wd=" + wd() + ", " + settings + ")";
    }

    /**
     * Collects the settings of an {@link Optimizer}; every setter refuses what is out of range at once, by a {@link
     * KVStoreException} that names the rule, the setting, what is expected and what was given.
     */
    public static final class Builder {
        private final OptimizerRule rule;
        private Settings settings;
        private Common common;

        private Builder(OptimizerRule rule) {
            this(rule, Settings.defaultsOf(rule), Common.defaultsOf(rule));
        }

        private Builder(OptimizerRule rule, Settings settings, Common common) {
            this.rule = rule;
            this.settings = settings;
            this.common = common;
        }

        /** Step size, before schedule and multipliers; not negative. */
        public Builder learningRate(double value) {
            return set("learning_rate", value);
        }

        /** Weight decay: the factor of the weight that is added to its gradient. */
        public Builder wd(double value) {
            return set("wd", value);
        }

        /** Factor for each gradient, usually 1 / batch size. */
        public Builder rescaleGrad(double value) {
            return set("rescale_grad", value);
        }

        /** Limits each rescaled gradient element to {@code [-value, value]}; 0 or less: no limit. */
        public Builder clipGradient(double value) {
            return set("clip_gradient", value);
        }

        /** SGD's momentum, and that of the other rules that know it. */
        public Builder momentum(double value) {
            return set("momentum", value);
        }

        /** How many updates each key counts as having had before its first. */
        public Builder beginNumUpdate(long value) {
            return set("begin_num_update", value);
        }

        /** Gives 16-bit weights a float32 master copy. */
        public Builder multiPrecision(boolean on) {
            return set("multi_precision", on);
        }

        /** Lets a row-sparse gradient leave alone the rows it does not name, where the rule can do so. */
        public Builder lazyUpdate(boolean on) {
            return set("lazy_update", on);
        }

        /** The rate as a function of a key's update count; null for a constant rate. */
        public Builder schedule(Schedule value) {
            common = common.withSchedule(value);
            return this;
        }

        /** Multiplies the learning rate of the key of that name. */
        public Builder lrMult(String key, double factor) {
            return set("lr_mult", Common.and(common.lrMult(), key, factor));
        }

        /** Multiplies the weight decay of the key of that name. */
        public Builder wdMult(String key, double factor) {
            return set("wd_mult", Common.and(common.wdMult(), key, factor));
        }

        /**
         * Any setting by MXNet's name.
         *
         * @param value a number; a Boolean where the setting is yes-or-no; for {@code lr_mult} and {@code wd_mult} a map
         *     from key names to factors, which replaces the one before; for {@code lr_scheduler} a {@link Schedule}
         * @throws KVStoreException if the rule has no such setting or the value does not fit it
         */
        public Builder set(String name, Object value) {
            try {
                if (Common.NAMES.contains(name)) {
                    common = common.with(name, value);
                } else {
                    settings = settings.with(name, value);
                }
            } catch (IllegalArgumentException e) {
                throw Rules.refused(rule, e);
            }
            return this;
        }

        /** @throws KVStoreException if the settings do not fit together */
        public Optimizer build() {
            try {
                rule.check(settings);
                common.check();
            } catch (IllegalArgumentException e) {
                throw Rules.refused(rule, e);
            }
            return new Optimizer(rule, settings, common);
        }
    }
}

package io.kvstore.optimizer;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The description of an optimizer: a rule's name and its settings, under MXNet's names and with its defaults; immutable.
 *
 * <pre>{@code
 * Optimizer.sgd().learningRate(0.05).set("momentum", 0.9).build()
 * Optimizer.of("adam", Map.of("learning_rate", 0.001, "beta1", 0.95))
 * }</pre>
 *
 * Equal descriptions are equal values, so that setting the same optimizer twice is recognised as one.
 */
public final class Optimizer {
    private final OptimizerRule rule;
    private final Settings settings;
    private final double learningRate;
    private final double wd;
    private final double rescaleGrad;
    private final double clipGradient;
    private final long beginNumUpdate;
    private final boolean multiPrecision;
    private final boolean lazyUpdate;
    private final Schedule schedule;
    private final Map<String, Double> lrMult;
    private final Map<String, Double> wdMult;

    private Optimizer(Builder from) {
        rule = from.rule;
        settings = new Settings(from.own);
        learningRate = from.learningRate;
        wd = from.wd;
        rescaleGrad = from.rescaleGrad;
        clipGradient = from.clipGradient;
        beginNumUpdate = from.beginNumUpdate;
        multiPrecision = from.multiPrecision;
        lazyUpdate = from.lazyUpdate;
        schedule = from.schedule;
        lrMult = new TreeMap<>(from.lrMult);
        wdMult = new TreeMap<>(from.wdMult);
    }

    public static Builder sgd() {
        return named("sgd");
    }

    public static Builder adam() {
        return named("adam");
    }

    /** A builder for the rule of that name. @throws KVStoreException if no rule has it */
    public static Builder named(String name) {
        return new Builder(Rules.named(name));
    }

    /**
     * An optimizer from a name and a map, as configuration files and command lines give it.
     *
     * @throws KVStoreException naming the rule, the setting, what is known and what was given
     */
    public static Optimizer of(String name, Map<String, ?> settings) {
        Builder builder = named(name);
        settings.forEach(builder::set);
        return builder.build();
    }

    public String name() {
        return rule.name();
    }

    public OptimizerRule rule() {
        return rule;
    }

    /** Whether the rule is one of the store's own, not a user's. */
    public boolean isBuiltIn() {
        return rule.getClass().getPackage().equals(Optimizer.class.getPackage());
    }

    /** The rule's own settings, complete. */
    public Settings settings() {
        return settings;
    }

    /** The base rate, before schedule and multipliers. */
    public double learningRate() {
        return learningRate;
    }

    /** Whether 16-bit weights have a float32 master copy. */
    public boolean multiPrecision() {
        return multiPrecision;
    }

    /** Whether a row-sparse gradient leaves the rows it does not name, and their states, as they are. */
    public boolean lazyUpdate() {
        return lazyUpdate;
    }

    /**
     * What the rule needs to know of a key's update.
     *
     * @param updates the number of the update, from 1
     * @param element the index in the whole tensor of the first element
     * @param sums the whole tensor's, if any are taken
     */
    Step step(Key key, long updates, long element, double[] sums) {
        long count = beginNumUpdate + updates;
        double rate = rate(count);
        double last = updates > 1 ? rate(count - 1) : rate;
        return new Step(
                key,
                count,
                rate * lrMult.getOrDefault(key.name(), 1.0),
                last == 0 ? 1 : rate / last,
                wd * wdMult.getOrDefault(key.name(), 1.0),
                rescaleGrad,
                clipGradient,
                settings,
                element,
                sums);
    }

    private double rate(long count) {
        return schedule == null ? learningRate : schedule.rate(learningRate, count);
    }

    /** A builder that starts from this description. */
    public Builder toBuilder() {
        Builder builder = new Builder(rule);
        builder.own.putAll(settings.asMap());
        builder.learningRate = learningRate;
        builder.wd = wd;
        builder.rescaleGrad = rescaleGrad;
        builder.clipGradient = clipGradient;
        builder.beginNumUpdate = beginNumUpdate;
        builder.multiPrecision = multiPrecision;
        builder.lazyUpdate = lazyUpdate;
        builder.schedule = schedule;
        builder.lrMult.putAll(lrMult);
        builder.wdMult.putAll(wdMult);
        return builder;
    }

    private Object[] parts() {
        return new Object[] {
            rule.name(),
            settings,
            learningRate,
            wd,
            rescaleGrad,
            clipGradient,
            beginNumUpdate,
            multiPrecision,
            lazyUpdate,
            schedule,
            lrMult,
            wdMult
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Optimizer that && java.util.Arrays.equals(parts(), that.parts());
    }

    @Override
    public int hashCode() {
        return java.util.Arrays.hashCode(parts());
    }

    @Override
    public String toString() {
        return rule.name() + "(learning_rate=" + learningRate + ", wd=" + wd + ", " + settings + ")";
    }

    /** Collects the settings of an {@link Optimizer}; every setter refuses what is out of range at once. */
    public static final class Builder {
        private final OptimizerRule rule;
        private final Map<String, Double> own;
        private double learningRate = 0.01;
        private double wd;
        private double rescaleGrad = 1;
        private double clipGradient = -1;
        private long beginNumUpdate;
        private boolean multiPrecision;
        private boolean lazyUpdate = true;
        private Schedule schedule;
        private final Map<String, Double> lrMult = new TreeMap<>();
        private final Map<String, Double> wdMult = new TreeMap<>();

        private Builder(OptimizerRule rule) {
            this.rule = rule;
            this.own = new TreeMap<>(rule.settings());
            Double rate = own.remove("learning_rate");
            if (rate != null) {
                learningRate = rate;
            }
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

        /** Limits each rescaled gradient element to {@code [-value, value]}; negative: no limit. */
        public Builder clipGradient(double value) {
            return set("clip_gradient", value);
        }

        /** SGD's momentum, and that of the other rules that know it. */
        public Builder momentum(double value) {
            return set("momentum", value);
        }

        public Builder multiPrecision(boolean on) {
            multiPrecision = on;
            return this;
        }

        /** The rate as a function of a key's update count; null for a constant rate. */
        public Builder schedule(Schedule value) {
            schedule = value;
            return this;
        }

        /** Multiplies the learning rate of the key of that name. */
        public Builder lrMult(String key, double factor) {
            lrMult.put(key, finite("lr_mult of '" + key + "'", factor));
            return this;
        }

        /** Multiplies the weight decay of the key of that name. */
        public Builder wdMult(String key, double factor) {
            wdMult.put(key, finite("wd_mult of '" + key + "'", factor));
            return this;
        }

        /**
         * Any setting by MXNet's name.
         *
         * @param value a number, or a Boolean where the setting is yes-or-no
         * @throws KVStoreException if the rule has no such setting or the value is no finite number
         */
        public Builder set(String name, Object value) {
            switch (name.toLowerCase(Locale.ROOT)) {
                case "learning_rate" -> learningRate = notNegative(name, number(name, value));
                case "wd" -> wd = notNegative(name, number(name, value));
                case "rescale_grad" -> rescaleGrad = number(name, value);
                case "clip_gradient" -> clipGradient = number(name, value);
                case "begin_num_update" -> beginNumUpdate = (long) notNegative(name, number(name, value));
                case "multi_precision" -> multiPrecision = number(name, value) != 0;
                case "lazy_update" -> lazyUpdate = number(name, value) != 0;
                default -> own(name, number(name, value));
            }
            return this;
        }

        private void own(String name, double value) {
            if (!own.containsKey(name)) {
                throw new KVStoreException(
                        Reason.INVALID_ARGUMENT,
                        "optimizer '" + rule.name() + "' has no setting '" + name + "'; it has " + own.keySet()
                                + " and the common learning_rate, wd, rescale_grad, clip_gradient, begin_num_update,"
                                + " multi_precision, lazy_update");
            }
            own.put(name, value);
        }

        private double number(String name, Object value) {
            if (value instanceof Boolean yes) {
                return yes ? 1 : 0;
            }
            if (value instanceof Number number) {
                return finite(name, number.doubleValue());
            }
            throw refused(name, "a number", value);
        }

        private double finite(String name, double value) {
            if (!Double.isFinite(value)) {
                throw refused(name, "a finite number", value);
            }
            return value;
        }

        private double notNegative(String name, double value) {
            if (value < 0) {
                throw refused(name, "0 or greater", value);
            }
            return value;
        }

        private KVStoreException refused(String name, String expected, Object given) {
            return new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "optimizer '" + rule.name() + "': " + name + " must be " + expected + ", given "
                            + Objects.toString(given));
        }

        /** @throws KVStoreException if the settings do not fit together */
        public Optimizer build() {
            Optimizer built = new Optimizer(this);
            try {
                rule.check(built.settings);
            } catch (IllegalArgumentException e) {
                throw new KVStoreException(
                        Reason.INVALID_ARGUMENT, null, "optimizer '" + rule.name() + "': " + e.getMessage(), e);
            }
            return built;
        }
    }
}

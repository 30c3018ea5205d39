package io.kvstore.optimizer;

import static java.lang.Math.abs;
import static java.lang.Math.max;
import static java.lang.Math.min;
import static java.lang.Math.pow;
import static java.lang.Math.signum;
import static java.lang.Math.sqrt;

import java.util.Map;

/** The published formulas, one element at a time, in double, as plainly as they can be written. */
final class References {
    /** One update of a whole tensor; {@code s[i]} are the numbers that element {@code i} remembers, at first 0. */
    interface Reference {
        void update(double[] w, double[] g, double[][] s, Update u);
    }

    /** One update of one element; returns the new weight. */
    interface Element {
        double next(double w, double g, double[] s, Update u);
    }

    /** The number of the update, from 1, and the settings in force. */
    record Update(int t, Map<String, Double> settings) {
        double get(String name) {
            return settings.get(name);
        }

        double lr() {
            return get("learning_rate");
        }

        double wd() {
            return get("wd");
        }

        double clip(double g) {
            double c = get("clip_gradient");
            return c <= 0 ? g : min(max(g, -c), c);
        }

        double scaled(double g) {
            return clip(get("rescale_grad") * g);
        }

        double decayed(double g, double w) {
            return clip(get("rescale_grad") * g + wd() * w);
        }

        double unbiased(String beta) {
            return 1 - pow(get(beta), t);
        }
    }

    private References() {}

    static final Map<String, Reference> ALL = Map.ofEntries(
            Map.entry("sgd", each(References::sgd)),
            Map.entry("nag", each(References::nag)),
            Map.entry("adam", each(References::adam)),
            Map.entry("adamw", each(References::adamw)),
            Map.entry("adamax", each(References::adamax)),
            Map.entry("nadam", each(References::nadam)),
            Map.entry("adagrad", each(References::adagrad)),
            Map.entry("adadelta", each(References::adadelta)),
            Map.entry("rmsprop", each(References::rmsprop)),
            Map.entry("ftrl", each(References::ftrl)),
            Map.entry("ftml", each(References::ftml)),
            Map.entry("signum", each(References::signumRule)),
            Map.entry("dcasgd", each(References::dcasgd)),
            Map.entry("test", each((w, g, s, u) -> w + u.get("rescale_grad") * g)),
            Map.entry("lars", References::lars),
            Map.entry("lamb", References::lamb),
            Map.entry("sgld", References::sgld));

    private static Reference each(Element rule) {
        return (w, g, s, u) -> {
            for (int i = 0; i < w.length; i++) {
                w[i] = rule.next(w[i], g[i], s[i], u);
            }
        };
    }

    private static double sgd(double w, double g, double[] s, Update u) {
        s[0] = u.get("momentum") * s[0] - u.lr() * (u.scaled(g) + u.wd() * w);
        return w + s[0];
    }

    private static double nag(double w, double g, double[] s, Update u) {
        double mu = u.get("momentum");
        double before = mu * s[0];
        double next = w - before + (1 + mu) * (before - u.lr() * (u.scaled(g) + u.wd() * w));
        s[0] = before - u.lr() * (u.scaled(g) + u.wd() * next);
        return next;
    }

    /** Moves the two moments. */
    private static void moments(double g, double[] s, Update u) {
        s[0] = u.get("beta1") * s[0] + (1 - u.get("beta1")) * g;
        s[1] = u.get("beta2") * s[1] + (1 - u.get("beta2")) * g * g;
    }

    private static double adam(double w, double g, double[] s, Update u) {
        moments(u.decayed(g, w), s, u);
        double rate = u.lr() * sqrt(u.unbiased("beta2")) / u.unbiased("beta1");
        return w - rate * s[0] / (sqrt(s[1]) + u.get("epsilon"));
    }

    private static double adamw(double w, double g, double[] s, Update u) {
        moments(u.scaled(g), s, u);
        double eta = u.lr();
        if (u.get("correct_bias") == 1) {
            eta *= sqrt(u.unbiased("beta2")) / u.unbiased("beta1");
        }
        return w - eta * (s[0] / (sqrt(s[1]) + u.get("epsilon")) + u.wd() * w);
    }

    private static double adamax(double w, double g, double[] s, Update u) {
        double d = u.decayed(g, w);
        s[0] = u.get("beta1") * s[0] + (1 - u.get("beta1")) * d;
        s[1] = max(u.get("beta2") * s[1], abs(d));
        return w - u.lr() / u.unbiased("beta1") * s[0] / s[1];
    }

    private static double nadam(double w, double g, double[] s, Update u) {
        double d = u.decayed(g, w);
        moments(d, s, u);
        double product = 1;
        double mu = 0;
        for (int i = 1; i <= u.t(); i++) {
            mu = u.get("beta1") * (1 - 0.5 * pow(0.96, i * u.get("schedule_decay")));
            product *= mu;
        }
        double next = u.get("beta1") * (1 - 0.5 * pow(0.96, (u.t() + 1) * u.get("schedule_decay")));
        double mean = (1 - mu) * d / (1 - product) + next * s[0] / (1 - product * next);
        return w - u.lr() * mean / (sqrt(s[1] / u.unbiased("beta2")) + u.get("epsilon"));
    }

    private static double adagrad(double w, double g, double[] s, Update u) {
        s[0] += u.scaled(g) * u.scaled(g);
        return w - u.lr() * (u.scaled(g) / sqrt(s[0] + u.get("eps")) + u.wd() * w);
    }

    private static double adadelta(double w, double g, double[] s, Update u) {
        double d = u.scaled(g);
        double rho = u.get("rho");
        s[0] = rho * s[0] + (1 - rho) * d * d;
        double step = sqrt(s[1] + u.get("epsilon")) / sqrt(s[0] + u.get("epsilon")) * d;
        s[1] = rho * s[1] + (1 - rho) * step * step;
        return w - step - u.wd() * w;
    }

    private static double rmsprop(double w, double g, double[] s, Update u) {
        double d = u.decayed(g, w);
        double gamma = u.get("gamma1");
        s[0] = gamma * s[0] + (1 - gamma) * d * d;
        double next;
        if (u.get("centered") == 1) {
            s[1] = gamma * s[1] + (1 - gamma) * d;
            s[2] = u.get("gamma2") * s[2] - u.lr() * d / sqrt(s[0] - s[1] * s[1] + u.get("epsilon"));
            next = w + s[2];
        } else {
            next = w - u.lr() * d / sqrt(s[0] + u.get("epsilon"));
        }
        double bound = u.get("clip_weights");
        return bound > 0 ? min(max(next, -bound), bound) : next;
    }

    private static double ftrl(double w, double g, double[] s, Update u) {
        double d = u.scaled(g);
        s[0] += d - (sqrt(s[1] + d * d) - sqrt(s[1])) / u.lr() * w;
        s[1] += d * d;
        if (abs(s[0]) <= u.get("lamda1")) {
            return 0;
        }
        return (signum(s[0]) * u.get("lamda1") - s[0]) / ((u.get("beta") + sqrt(s[1])) / u.lr() + u.wd());
    }

    private static double ftml(double w, double g, double[] s, Update u) {
        double d = u.decayed(g, w);
        double beta1 = u.get("beta1");
        s[1] = u.get("beta2") * s[1] + (1 - u.get("beta2")) * d * d;
        double divisor = u.unbiased("beta1") / u.lr() * (sqrt(s[1] / u.unbiased("beta2")) + u.get("epsilon"));
        s[2] = beta1 * s[2] + (1 - beta1) * d - (divisor - beta1 * s[0]) * w;
        s[0] = divisor;
        return -s[2] / divisor;
    }

    private static double signumRule(double w, double g, double[] s, Update u) {
        double mu = u.get("momentum");
        if (mu == 0) {
            return w - u.lr() * (u.wd() * w + signum(g));
        }
        s[0] = mu * s[0] - (1 - mu) * (u.wd() * w + u.scaled(g));
        return (1 - u.lr() * u.get("wd_lh")) * w + u.lr() * signum(s[0]);
    }

    private static double dcasgd(double w, double g, double[] s, Update u) {
        double d = u.scaled(g);
        double previous = u.t() == 1 ? w : s[1];
        s[0] = u.get("momentum") * s[0] - u.lr() * (d + u.wd() * w + u.get("lamda") * d * d * (w - previous));
        s[1] = w;
        return w + s[0];
    }

    private static double norm(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return sqrt(sum);
    }

    private static void lars(double[] w, double[] g, double[][] s, Update u) {
        double weight = norm(w);
        double rate =
                u.lr() * u.get("eta") * weight / (norm(g) * u.get("rescale_grad") + u.wd() * weight + u.get("eps"));
        for (int i = 0; i < w.length; i++) {
            s[i][0] = u.get("momentum") * s[i][0] - rate * (u.scaled(g[i]) + u.wd() * w[i]);
            w[i] += s[i][0];
        }
    }

    private static void lamb(double[] w, double[] g, double[][] s, Update u) {
        double[] step = new double[w.length];
        boolean biased = u.get("bias_correction") == 0;
        for (int i = 0; i < w.length; i++) {
            moments(u.scaled(g[i]), s[i], u);
            double mean = biased ? s[i][0] : s[i][0] / u.unbiased("beta1");
            double variance = biased ? s[i][1] : s[i][1] / u.unbiased("beta2");
            step[i] = mean / (sqrt(variance) + u.get("epsilon")) + u.wd() * w[i];
        }
        double weight = norm(w);
        weight = u.get("lower_bound") < 0 ? weight : max(weight, u.get("lower_bound"));
        weight = u.get("upper_bound") < 0 ? weight : min(weight, u.get("upper_bound"));
        double moved = norm(step);
        for (int i = 0; i < w.length; i++) {
            w[i] -= u.lr() * weight / moved * step[i];
        }
    }

    /** For the integer key 7. */
    private static void sgld(double[] w, double[] g, double[][] s, Update u) {
        long base = mix(mix(mix((long) u.get("seed")) + 7) + u.t());
        for (int i = 0; i < w.length; i++) {
            double first = ((mix(base + (2L * i + 1) * 0x9e3779b97f4a7c15L) >>> 11) + 1) / 0x1p53;
            double second = (mix(base + (2L * i + 2) * 0x9e3779b97f4a7c15L) >>> 11) / 0x1p53;
            double normal = sqrt(-2 * Math.log(first)) * Math.cos(2 * Math.PI * second);
            w[i] += -u.lr() / 2 * (u.scaled(g[i]) + u.wd() * w[i]) + sqrt(u.lr()) * normal;
        }
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}

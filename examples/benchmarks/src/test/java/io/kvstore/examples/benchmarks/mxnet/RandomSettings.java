package io.kvstore.examples.benchmarks.mxnet;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random settings of the optimizers: numbers that are float32 numbers, too, since MXNet's operators take no others. */
final class RandomSettings {
    private RandomSettings() {}

    static double number(Random random, double least, double greatest) {
        return (float) (least + (greatest - least) * random.nextDouble());
    }

    /** A value for a setting; the rate aside. */
    static double own(String name, Random random) {
        return switch (name) {
            case "wd" -> random.nextInt(3) == 0 ? 0 : number(random, 0, 0.01);
            case "rescale_grad" -> number(random, 0.1, 1.5);
            case "clip_gradient" -> random.nextBoolean() ? -1 : number(random, 0.2, 2);
            case "momentum", "gamma2" -> number(random, 0.1, 0.95);
            case "beta1", "beta2", "rho", "gamma1" -> number(random, 0.5, 0.99);
            case "epsilon", "eps" -> number(random, 1e-4, 1e-2);
            case "beta" -> number(random, 0.5, 2);
            case "eta" -> number(random, 0.01, 1);
            case "clip_weights" -> random.nextBoolean() ? -1 : number(random, 0.5, 2);
            case "lower_bound" -> random.nextBoolean() ? -1 : number(random, 0.1, 2);
            case "upper_bound" -> random.nextBoolean() ? -1 : number(random, 2, 20);
            case "centered", "correct_bias", "bias_correction", "momentum_correction" -> random.nextInt(2);
            default -> number(random, 0.001, 0.05);
        };
    }

    /** The names of an optimizer's settings; the rate and what concerns single keys aside. */
    static List<String> names(String optimizer) {
        List<String> names = new ArrayList<>(List.of("wd", "rescale_grad", "clip_gradient"));
        names.addAll(
                switch (optimizer) {
                    case "sgd", "nag" -> List.of("momentum");
                    case "signum" -> List.of("momentum", "wd_lh");
                    case "adam" -> List.of("beta1", "beta2", "epsilon");
                    case "adamw" -> List.of("beta1", "beta2", "epsilon", "correct_bias");
                    case "rmsprop" -> List.of("gamma1", "gamma2", "epsilon", "centered", "clip_weights");
                    case "ftrl" -> List.of("lamda1", "beta");
                    case "ftml" -> List.of("beta1", "beta2", "epsilon");
                    case "lamb" ->
                        List.of("beta1", "beta2", "epsilon", "lower_bound", "upper_bound", "bias_correction");
                    case "lars" -> List.of("momentum", "eta", "eps", "momentum_correction");
                    case "adagrad" -> List.of("eps");
                    case "adadelta" -> List.of("rho", "epsilon");
                    case "adamax" -> List.of("beta1", "beta2");
                    case "nadam" -> List.of("beta1", "beta2", "epsilon", "schedule_decay");
                    case "dcasgd" -> List.of("momentum", "lamda");
                    default -> List.of();
                });
        return names;
    }
}

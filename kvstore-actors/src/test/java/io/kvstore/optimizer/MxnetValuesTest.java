package io.kvstore.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.kvstore.Key;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Our updates against those that MXNet 1.9.1's own store computed from the same weights, gradients and settings. */
class MxnetValuesTest {
    private static final BufferPool POOL = new BufferPool(1 << 20);

    @TestFactory
    Stream<DynamicTest> denseWeightsAreMxnets() throws IOException {
        return cases("dense.json").stream()
                .filter(c -> !nadamOfTwoKeys(c))
                .map(c -> DynamicTest.dynamicTest(name(c), () -> dense(c)));
    }

    @TestFactory
    Stream<DynamicTest> float16WeightsWithMasterAreMxnets() throws IOException {
        return cases("float16.json").stream()
                .map(c -> DynamicTest.dynamicTest(
                        name(c), () -> follow(c, c, Key.of("0"), DType.FLOAT16, 1000 * tolerance(c))));
    }

    @TestFactory
    Stream<DynamicTest> rowSparseGradientsGiveMxnetsWeights() throws IOException {
        return cases("row-sparse.json").stream()
                .filter(c -> !ftrlOfDenseWeight(c))
                .map(c -> DynamicTest.dynamicTest(name(c), () -> rowSparse(c)));
    }

    /** There MXNet has one product of momenta for both keys. */
    private static boolean nadamOfTwoKeys(Config c) {
        return c.getString("optimizer").equals("nadam") && c.hasPath("keys.b_weight");
    }

    /** There MXNet applies the dense rule, as ours does only with lazy_update off. */
    private static boolean ftrlOfDenseWeight(Config c) {
        return c.getString("optimizer").equals("ftrl")
                && c.getString("weightStorage").equals("default");
    }

    private static void dense(Config c) {
        c.getObject("keys").keySet().forEach(key -> {
            follow(c, c.getConfig("keys." + key), Key.of(key), DType.FLOAT32, tolerance(c));
        });
    }

    /**
     * Bits are equal, except with the norms of LARS and LAMB (MXNet adds in another order, in float32) and by the last
     * ones where MXNet's operators for rows add in another order than those for dense gradients.
     */
    private static double tolerance(Config c) {
        return switch (c.getString("optimizer")) {
            case "lars", "lamb" -> 1e-6;
            default -> c.hasPath("weightStorage") ? 3e-7 : 0;
        };
    }

    private static void follow(Config c, Config values, Key key, DType dtype, double tolerance) {
        Optimizer optimizer = optimizer(c);
        DenseTensor weight = tensor(values.getDoubleList("w0"), dtype);
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
        List<?> gradients = values.getList("gradients").unwrapped();
        List<?> weights = values.getList("weights").unwrapped();
        for (int i = 0; i < weights.size(); i++) {
            DenseTensor gradient = tensor(doubles(gradients.get(i)), dtype);
            OptimizerKernel.apply(optimizer, key, i + 1, weight, gradient, states);
            assertClose(weight, doubles(weights.get(i)), tolerance, optimizer + " update " + (i + 1) + " of " + key);
        }
    }

    private static void rowSparse(Config c) {
        Optimizer optimizer = optimizer(c);
        Shape shape = Shape.of(c.getLongList("shape").stream().mapToLong(n -> n).toArray());
        DenseTensor weight =
                DenseTensor.of(tensor(c.getDoubleList("w0"), DType.FLOAT32).floats(), shape.toArray());
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
        int update = 0;
        for (Config step : c.getConfigList("steps")) {
            long[] ids = step.getLongList("rows").stream().mapToLong(n -> n).toArray();
            float[] rows = tensor(step.getDoubleList("gradient"), DType.FLOAT32).floats();
            RowSparseTensor gradient =
                    RowSparseTensor.of(shape, ids, DenseTensor.of(rows, ids.length, shape.extent(1)));
            OptimizerKernel.applyRows(optimizer, Key.of("w"), ++update, weight, gradient, states, POOL);
            assertClose(weight, step.getDoubleList("weight"), tolerance(c), optimizer + " update " + update);
        }
    }

    private static void assertClose(DenseTensor weight, List<Double> expected, double tolerance, String what) {
        float[] given = new float[weight.length()];
        Casts.toFloats(weight.dtype(), weight.data(), 0, given, 0, given.length);
        for (int i = 0; i < given.length; i++) {
            double allowed = tolerance * Math.max(0.1, Math.abs(expected.get(i)));
            assertThat(Math.abs(given[i] - expected.get(i)))
                    .as("%s, element %d: %s, MXNet %s", what, i, given[i], expected.get(i))
                    .isLessThanOrEqualTo(allowed);
        }
    }

    private static Optimizer optimizer(Config c) {
        Map<String, Object> settings = new HashMap<>(c.getObject("settings").unwrapped());
        if (c.hasPath("note") && c.getString("note").startsWith("factor schedule step 2 factor 0.5")) {
            settings.put("lr_scheduler", Schedule.factor(2, 0.5));
        }
        return Optimizer.of(c.getString("optimizer"), settings);
    }

    private static DenseTensor tensor(List<Double> values, DType dtype) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i).floatValue();
        }
        return Casts.cast(DenseTensor.of(floats), dtype);
    }

    private static List<Double> doubles(Object list) {
        return ((List<?>) list).stream().map(n -> ((Number) n).doubleValue()).toList();
    }

    private static String name(Config c) {
        return c.getString("optimizer") + " " + c.getObject("settings").unwrapped()
                + (c.hasPath("weightStorage") ? " " + c.getString("weightStorage") : "");
    }

    private static List<? extends Config> cases(String file) throws IOException {
        try (InputStream in = MxnetValuesTest.class.getResourceAsStream("mxnet-1.9.1/" + file)) {
            String text = "{\"cases\":" + new String(in.readAllBytes(), StandardCharsets.UTF_8) + "}";
            ConfigParseOptions json = ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON);
            return ConfigFactory.parseString(text, json).getConfigList("cases");
        }
    }
}

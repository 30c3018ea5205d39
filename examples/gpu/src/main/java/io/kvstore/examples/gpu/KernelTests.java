package io.kvstore.examples.gpu;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the store's own tests of its kernels on the first GPU: sums, updates, rows, casts and codes, each with the host's bits.
 * A test that is skipped, as all are where there is no GPU, counts as failed. Options as {@link Check}'s, of which {@code
 * --results} counts.
 */
public final class KernelTests {
    private static final List<String> TESTS = List.of(
            "io.kvstore.cuda.SumKernelsTest#allOfItHoldsOnARealGpu",
            "io.kvstore.cuda.CopyKernelsTest#allOfItHoldsOnARealGpu",
            "io.kvstore.cuda.UpdateKernelsTest#allOfItHoldsOnARealGpu");

    private KernelTests() {}

    public static void main(String[] args) throws IOException {
        Options options = Options.orExit(args);
        Report report = new Report("kernels", System.out, options.results());
        try (report) {
            run(TESTS, report);
        }
        System.exit(report.exitCode());
    }

    /** @param tests as {@code class#method}, each a check of the report */
    static void run(List<String> tests, Report report) {
        for (String test : tests) {
            report.check(test.substring(test.lastIndexOf('.') + 1), DeviceGroup.onGpu(0, 1), () -> run(test));
        }
    }

    private static void run(String test) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectMethod(test))
                .build();
        Outcomes outcomes = new Outcomes();
        LauncherFactory.create().execute(request, outcomes);
        Expect.that(outcomes.problem == null, () -> "the test holds: " + outcomes.problem);
        Expect.that(outcomes.passed > 0, () -> "the test is there and runs");
    }

    /** What came of the tests of one request. */
    private static final class Outcomes implements TestExecutionListener {
        private int passed;
        private Object problem;

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
                problem = result.getThrowable().<Object>map(e -> e).orElse(result);
            } else if (test.isTest()) {
                passed++;
            }
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            problem = "skipped: " + reason;
        }
    }
}

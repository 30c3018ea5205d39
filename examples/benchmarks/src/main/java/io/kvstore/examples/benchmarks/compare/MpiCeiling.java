package io.kvstore.examples.benchmarks.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Open MPI's Allreduce of the arrays, a process for each worker: no server, no store. Nothing where it is not installed. */
final class MpiCeiling implements Ceiling {
    @Override
    public double[] millis(Work work, double seconds) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        "mpirun",
                        "-np",
                        Integer.toString(work.workers()),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        MpiRank.class.getName(),
                        work.text(),
                        Double.toString(seconds))
                .redirectError(Log.redirect());
        builder.environment().put("OMPI_ALLOW_RUN_AS_ROOT", "1"); // else mpirun refuses to work in most containers
        builder.environment().put("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
        builder.environment().put("OMPI_MCA_opal_signal", "6"); // the JVM needs SIGSEGV for itself
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            System.err.println("compare: Open MPI is left out, mpirun is not installed");
            return new double[0];
        }
        List<Double> millis = new ArrayList<>();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                millis.add(Double.valueOf(line));
            }
            if (process.waitFor() != 0) {
                throw new ChildException("Open MPI failed; see " + Log.FILE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ChildException("interrupted while Open MPI was waited for");
        } finally {
            process.destroy();
        }
        return millis.stream().mapToDouble(Double::doubleValue).toArray();
    }
}

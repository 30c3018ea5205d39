package io.kvstore.cluster.failure;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.optimizer.Optimizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A worker in a process of its own that does what it is told, line by line: {@code <number> <operation> <arguments>}. Each
 * line has a thread, so that one that waits holds up no other; its outcome is the line
 * {@code = <number> <OK or reason> <text>}. Ends with its input.
 */
public final class WorkerMain {
    private final KVStore kv;

    private WorkerMain(KVStore kv) {
        this.kv = kv;
    }

    /** @param settings {@code type}, then any of {@code name=value} of the kvstore section */
    public static void main(String[] settings) throws IOException {
        Config config = ConfigFactory.load();
        for (int i = 1; i < settings.length; i++) {
            config = ConfigFactory.parseString("kvstore." + settings[i]).withFallback(config);
        }
        KVStore kv = KVStore.builder().type(settings[0]).config(config).build();
        System.out.println("created rank " + kv.rank() + " of " + kv.numWorkers());
        WorkerMain worker = new WorkerMain(kv);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            new Thread(() -> worker.answer(words), "operation " + line).start();
        }
    }

    private void answer(String[] words) {
        String outcome;
        try {
            outcome = "OK " + carryOut(words);
        } catch (CompletionException e) {
            outcome = failure(e.getCause());
        } catch (RuntimeException e) {
            outcome = failure(e);
        }
        System.out.println("= " + words[0] + " " + outcome);
    }

    private static String failure(Throwable e) {
        return e instanceof KVStoreException known ? known.reason() + " " + known.getMessage() : "FAILED " + e;
    }

    private String carryOut(String[] words) {
        String key = words.length > 2 ? words[2] : "";
        return switch (words[1]) {
            case "init" -> done(kv.async().init(key, array(words)));
            case "push" -> done(kv.async().push(key, array(words)));
            case "pull" -> text(kv.async().pull(key).toCompletableFuture().join());
            case "waits" -> run(() -> awaitExplanation(String.join(" ", Arrays.copyOfRange(words, 2, words.length))));
            case "barrier" -> run(kv::barrier);
            case "rank" -> Integer.toString(kv.rank());
            case "dead" -> Integer.toString(kv.numDeadNodes(Integer.parseInt(key)));
            case "optimizer" ->
                run(() -> kv.setOptimizer(Optimizer.named("sgd")
                        .learningRate(Double.parseDouble(key))
                        .build()));
            case "rate" ->
                kv.optimizer().map(each -> Double.toString(each.learningRate())).orElse("none");
            case "close" -> run(kv::close);
            default -> throw new IllegalArgumentException(words[1]);
        };
    }

    /** Until what open calls wait for is, or includes, {@code text}. */
    private void awaitExplanation(String text) {
        while (!kv.explain().contains(text)) {
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static String run(Runnable operation) {
        operation.run();
        return "done";
    }

    private static String done(CompletionStage<Void> outcome) {
        outcome.toCompletableFuture().join();
        return "done";
    }

    /** {@code key length value}. */
    private static INDArray array(String[] words) {
        return Nd4j.valueArrayOf(Long.parseLong(words[3]), Float.parseFloat(words[4]));
    }

    /** All elements are one number, or the text says so. */
    private static String text(INDArray value) {
        float low = value.minNumber().floatValue();
        float high = value.maxNumber().floatValue();
        return low == high ? Float.toString(low) : "from " + low + " to " + high;
    }
}

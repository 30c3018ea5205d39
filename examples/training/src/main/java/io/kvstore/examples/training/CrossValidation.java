package io.kvstore.examples.training;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.KeyInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Three trainings, each on two thirds of a table in a new store, each tested on the third that it has not seen. */
final class CrossValidation {
    static final int BATCH = 40; // rows, over all devices: so the number of devices does not change the result

    private final Table table;
    private final Settings settings;
    private final Progress progress;

    CrossValidation(Table table, Settings settings, Progress progress) {
        this.table = table;
        this.settings = settings;
        this.progress = progress;
    }

    /** The same table and settings give the same losses and accuracies. */
    List<FoldResult> run() {
        return Fold.thirds(table.rows()).stream().map(this::train).toList();
    }

    private FoldResult train(Fold fold) {
        Scaling scaling = Scaling.of(table.features(), fold.train());
        Data train = Data.of(table, fold.train(), scaling);
        Data test = Data.of(table, fold.test(), scaling);
        long start = System.nanoTime();
        List<Replica> replicas =
                Stream.generate(this::replica).limit(settings.devices()).toList();
        try (KVStore store = store(fold);
                DataParallelJob job = new DataParallelJob(store, settings.optimizer(), replicas)) {
            Random random = new Random(settings.seed());
            List<Epoch> epochs = new ArrayList<>();
            for (int number = 1; number <= settings.epochs(); number++) {
                double loss = pass(job, train, random);
                requireFinite(loss, number, fold);
                Replica trained = replicas.get(0);
                Epoch epoch = new Epoch(number, loss, trained.accuracy(train), trained.accuracy(test));
                epochs.add(epoch);
                progress.report(fold, epoch);
            }
            Duration time = Duration.ofNanos(System.nanoTime() - start);
            List<KeyInfo> keys = job.keys().stream()
                    .map(key -> store.info(key).orElseThrow())
                    .toList();
            return new FoldResult(fold, epochs, keys, store.stats(), time, store.rank());
        }
    }

    private Replica replica() {
        return new Replica(table.columns(), table.classes().size(), settings.seed());
    }

    /** Workers of a distributed training meet in a store of that name; one for each training, as each begins anew. */
    private KVStore store(Fold fold) {
        try {
            return KVStore.builder()
                    .type(settings.store())
                    .devices(settings.devices())
                    .set("store-name", "train-third-" + fold.number())
                    .build();
        } catch (KVStoreException e) {
            throw new InputException("--store " + Text.shorten(settings.store()) + ": " + e.getMessage());
        }
    }

    /**
     * One pass over all rows in a new order; the last batch is shorter when the rows do not divide evenly. Returns the mean
     * loss of the rows that this worker computed, before they were learned from.
     */
    private static double pass(DataParallelJob job, Data train, Random random) {
        int[] order = shuffled(train.rows(), random);
        double loss = 0;
        int rows = 0;
        for (int from = 0; from < order.length; from += BATCH) {
            DataParallelJob.Step step =
                    job.step(train, Arrays.copyOfRange(order, from, Math.min(from + BATCH, order.length)));
            loss += step.loss();
            rows += step.rows();
        }
        return loss / Math.max(1, rows);
    }

    private static int[] shuffled(int rows, Random random) {
        int[] order = IntStream.range(0, rows).toArray();
        for (int i = rows - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
        return order;
    }

    private static void requireFinite(double loss, int epoch, Fold fold) {
        if (!Double.isFinite(loss)) {
            throw new TrainingException("the loss is " + loss + " in epoch " + epoch + " of third " + fold.number()
                    + ": try a smaller learning_rate");
        }
    }
}

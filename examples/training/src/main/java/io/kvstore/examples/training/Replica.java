package io.kvstore.examples.training;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** One device's copy of the network: columns - 16 (tanh) - classes (softmax), cross entropy; one caller at a time. */
final class Replica {
    private static final int HIDDEN = 16;

    private final MultiLayerNetwork net;

    /** Weights are drawn by the seed; replicas that train together get theirs from the store. */
    Replica(int columns, int classes, long seed) {
        var layers = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .weightInit(WeightInit.XAVIER)
                .updater(new NoOp()) // the optimizer runs in the store
                .list(
                        new DenseLayer.Builder()
                                .nIn(columns)
                                .nOut(HIDDEN)
                                .activation(Activation.TANH)
                                .build(),
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(HIDDEN)
                                .nOut(classes)
                                .activation(Activation.SOFTMAX)
                                .build())
                .build();
        net = new MultiLayerNetwork(layers);
        net.init();
    }

    /** The live weights by key, in the order of the layers: what is written into them is in the network. */
    Map<String, INDArray> weights() {
        return net.paramTable();
    }

    /**
     * The gradient and the loss of the rows of {@code share}, summed over them: the sum over all devices, divided by the
     * rows of the batch, is the batch's mean even where shares differ in length.
     */
    Gradient gradient(Data share) {
        if (share.rows() == 0) {
            return zero();
        }
        net.setInput(share.inputs());
        net.setLabels(share.oneHot());
        net.computeGradientAndScore();
        return new Gradient(net.gradient().gradientForVariable(), net.score() * share.rows());
    }

    private Gradient zero() {
        Map<String, INDArray> zeros = new LinkedHashMap<>();
        weights().forEach((key, weight) -> zeros.put(key, Nd4j.zerosLike(weight)));
        return new Gradient(zeros, 0);
    }

    /** The fraction of rows whose most probable class is theirs. */
    double accuracy(Data data) {
        INDArray classes = net.output(data.inputs()).argMax(1);
        int right = 0;
        for (int row = 0; row < data.rows(); row++) {
            right += classes.getInt(row) == data.labels()[row] ? 1 : 0;
        }
        return (double) right / data.rows();
    }

    /**
     * A share's part in a batch.
     *
     * @param byKey live arrays, overwritten by the replica's next gradient
     * @param loss summed over the share's rows
     */
    record Gradient(Map<String, INDArray> byKey, double loss) {}
}

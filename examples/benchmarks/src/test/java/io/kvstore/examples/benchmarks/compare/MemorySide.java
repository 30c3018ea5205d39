package io.kvstore.examples.benchmarks.compare;

/** A store of one worker in plain arrays, which sums and, if told so, gives back one wrong number. */
final class MemorySide implements Side {
    /** The side's name in which key 1, element 2 is one too large. */
    static final String SPOILT = "spoilt";

    private final Work work;
    private final boolean spoilt;
    private final float[][][] pushed;
    private final float[][] values;

    private MemorySide(Work work, boolean spoilt) {
        this.work = work;
        this.spoilt = spoilt;
        int keys = work.arrays().size();
        pushed = new float[keys][work.devices()][work.arrays().longest()];
        values = new float[keys][work.arrays().longest()];
    }

    /** As {@link Peer#main}. */
    public static void main(String[] arguments) {
        Work work = Work.parse(arguments[1]);
        Peer.serve(() -> new MemorySide(work, arguments[0].equals(SPOILT)), work, Integer.parseInt(arguments[2]));
    }

    @Override
    public void write(int key, int device, float[] array) {
        System.arraycopy(
                array, 0, pushed[key][device], 0, work.arrays().lengths().get(key));
    }

    @Override
    public void read(int key, int device, float[] array) {
        System.arraycopy(values[key], 0, array, 0, work.arrays().lengths().get(key));
        if (spoilt && key == 1) {
            array[2]++;
        }
    }

    @Override
    public void push() {
        for (int key = 0; key < values.length; key++) {
            for (int element = 0; element < values[key].length; element++) {
                float sum = 0;
                for (float[] array : pushed[key]) {
                    sum += array[element];
                }
                values[key][element] = work.sgd() ? values[key][element] - sum / 1024 : sum;
            }
        }
    }

    @Override
    public void pull() {}

    @Override
    public void pushPull() {
        push();
    }

    @Override
    public void barrier() {}

    @Override
    public void close() {}
}

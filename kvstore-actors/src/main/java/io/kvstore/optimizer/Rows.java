package io.kvstore.optimizer;

/** Updates by gradients of which only some rows are given. */
final class Rows {
    private Rows() {}

    /** Updates the rows {@code ids}, whose gradients lie one after the other in the gradient tensor, and no others. */
    static void update(OptimizerRule rule, Step step, Tensors tensors, long[] ids) {
        int length = (int) tensors.weight().shape().rowLength();
        if (length == 0) {
            return;
        }
        Stage stage = new Stage(tensors);
        if (length > Stage.LENGTH) {
            for (int row = 0; row < ids.length; row++) {
                updateLong(stage, rule, step, (int) ids[row] * length, row * length, length);
            }
            return;
        }
        int batch = Stage.LENGTH / length;
        for (int first = 0; first < ids.length; first += batch) {
            int rows = Math.min(batch, ids.length - first);
            for (int k = 0; k < rows; k++) {
                stage.load((int) ids[first + k] * length, (first + k) * length, k * length, length);
            }
            stage.update(rule, step, rows * length);
            for (int k = 0; k < rows; k++) {
                stage.store((int) ids[first + k] * length, k * length, length);
            }
        }
    }

    private static void updateLong(Stage stage, OptimizerRule rule, Step step, int from, int gradientFrom, int length) {
        for (int done = 0, count; done < length; done += count) {
            count = Math.min(Stage.LENGTH, length - done);
            stage.load(from + done, gradientFrom + done, 0, count);
            stage.update(rule, step, count);
            stage.store(from + done, 0, count);
        }
    }
}

/**
 * Optimizers with MXNet's formulas, names and defaults.
 *
 * <pre>
 *  Optimizer ("adam", settings, schedule, multipliers)        what users make, compare and send as JSON
 *      |  step(key, update count)
 *      v
 *    Step (rate, decay, count, ...) ---+
 *                                      v
 *  OptimizerKernel.apply(weight, gradient, states) ---> OptimizerRule: Sgd, Adam, ..., or a user's own
 *      float32 and float64: on the tensors themselves
 *      16-bit types, and rows of a row-sparse gradient: on a Stage, a copy of 8192 elements at a time
 * </pre>
 *
 * The rules: adadelta, adagrad, adam, adamax, adamw, dcasgd, ftml, ftrl, lamb, lars, nadam, nag, rmsprop, sgd, sgld,
 * signum, test. Each has a class of its own with its formula. {@link io.kvstore.optimizer.Schedule} has the learning rate's schedules.
 *
 * <p>Where all rules differ from MXNet 1.9:
 *
 * <ul>
 *   <li>A schedule sees the update count of the key, not the largest of all keys; its base rate is always the
 *       optimizer's learning rate.
 *   <li>A limit {@code clip_gradient} of 0 is no limit (MXNet: for some rules; others would clip all to 0).
 *   <li>Settings are doubles, rounded once to the type in which a rule computes (MXNet: float32 for most rules, of
 *       float64 weights too).
 *   <li>All states have the type of the weight, or of its master copy (MXNet: float32 for some rules).
 *   <li>Weight decay applies to every key unless {@code wd_mult} says otherwise, as with MXNet's plain store and
 *       Trainer; there is no rule by the ending of the key's name.
 * </ul>
 */
package io.kvstore.optimizer;

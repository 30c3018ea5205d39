/**
 * A data-parallel training with DL4J in which the devices meet in a KVStore.
 *
 * <pre>
 *  Train ─► CsvReader ─► Table ─► CrossValidation ─► Report, CurveFile
 *                                       │ per third
 *                                       ▼
 *   Replica 0..n ── gradients ──► DataParallelJob ── push ──► KVStore (sum, optimizer)
 *        ▲                              ▲                        │
 *        └────────── weights ───────────┴────────── pull ────────┘
 * </pre>
 */
package io.kvstore.examples.training;

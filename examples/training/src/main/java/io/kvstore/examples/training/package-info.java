/**
 * A data-parallel training with DL4J in which the devices meet in a KVStore.
 *
 * <pre>
 *  Train ─► CsvReader ─► Table ─► CrossValidation ─► Report, CurveFile
 *                                       │ per third
 *                                       ▼
 *   Replica 0..n ── gradients ──► DataParallelJob ── step ──► Trainer ──► KVStore (sum, optimizer)
 *        ▲                                                      │   ▲             │
 *        └────────────────────── weights ───────────────────────┘   └─────────────┘
 * </pre>
 */
package io.kvstore.examples.training;

/**
 * The real MXNet library, through its C interface: what this project's store is compared with.
 *
 * <pre>
 *   class path artifact ──unpack once──► cache directory ──JNA──► MxLibrary
 *                                                                   │
 *                        MxKVStore ─── MxArray ─── MxOps ───────────┘
 * </pre>
 *
 * <p>Every native object is owned by the Java object that made it and freed by {@code close()}.
 */
package io.kvstore.examples.benchmarks.mxnet;

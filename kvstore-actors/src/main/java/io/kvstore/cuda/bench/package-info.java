/** The benchmark of one GPU's copies and kernels, which needs nothing but a driver: no ND4J, no actors. */
package io.kvstore.cuda.bench;

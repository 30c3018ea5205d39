/** What MXNet's distributed stores promise, case by case; a test's name begins with its case. */
package io.kvstore.cluster.conformance;

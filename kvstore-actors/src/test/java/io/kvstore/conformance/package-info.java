/**
 * What a store must answer, case by case: MXNet's own tests, tutorials and source in this project's terms. A test's name
 * begins with the id of its case; {@link io.kvstore.conformance.Subject} says which stores and keys it runs against.
 */
package io.kvstore.conformance;

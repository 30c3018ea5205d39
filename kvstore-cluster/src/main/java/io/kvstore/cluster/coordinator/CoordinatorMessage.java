package io.kvstore.cluster.coordinator;

/** Bound to the serializer in {@code reference.conf}. */
interface CoordinatorMessage {}

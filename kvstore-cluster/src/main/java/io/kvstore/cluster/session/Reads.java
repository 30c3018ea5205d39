package io.kvstore.cluster.session;

/** An operation that changes nothing and may follow pushes at once. */
interface Reads {}

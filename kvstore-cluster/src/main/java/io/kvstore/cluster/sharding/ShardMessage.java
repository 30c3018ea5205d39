package io.kvstore.cluster.sharding;

/** What travels through shard regions. */
sealed interface ShardMessage permits KeyEntity.Request, KeyEntity.Located {}

package io.kvstore.cluster.sharding;

/** What travels through shard regions. */
sealed interface ShardMessage permits KeyEntity.Locate, KeyEntity.Located {}

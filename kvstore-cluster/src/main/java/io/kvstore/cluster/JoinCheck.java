package io.kvstore.cluster;

import akka.cluster.ConfigValidation;
import akka.cluster.Invalid;
import akka.cluster.JoinConfigCompatChecker;
import akka.cluster.Valid$;
import com.typesafe.config.Config;
import java.util.List;
import java.util.stream.Stream;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Keeps a node out of the cluster that would look for keys elsewhere, or cut them otherwise, than the members do. A node
 * without these settings has nothing to do with keys and may join.
 */
public final class JoinCheck extends JoinConfigCompatChecker {
    private static final String SLICE_BYTES = "kvstore.slice-bytes";
    private static final List<String> NUMBERS = List.of("kvstore.number-of-shards", "kvstore.protocol-version");

    @Override
    public Seq<String> requiredKeys() {
        return CollectionConverters.asScala(
                        Stream.concat(Stream.of(SLICE_BYTES), NUMBERS.stream()).toList())
                .toSeq();
    }

    @Override
    public ConfigValidation check(Config toCheck, Config actual) {
        List<String> differences = requiredKeysAsJava().stream()
                .filter(path -> toCheck.hasPath(path) && value(toCheck, path) != value(actual, path))
                .map(path -> path + " is " + toCheck.getString(path) + " there and " + actual.getString(path)
                        + " here; it must be equal on all nodes")
                .toList();
        return differences.isEmpty()
                ? Valid$.MODULE$
                : new Invalid(CollectionConverters.asScala(differences).toSeq());
    }

    private List<String> requiredKeysAsJava() {
        return CollectionConverters.asJava(requiredKeys());
    }

    /** Sizes are compared as sizes: 1 MiB is 1024 KiB. */
    private static long value(Config config, String path) {
        return path.equals(SLICE_BYTES) ? config.getBytes(path) : config.getLong(path);
    }
}

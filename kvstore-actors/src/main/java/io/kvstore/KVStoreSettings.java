package io.kvstore;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueType;
import io.kvstore.tensor.BufferPool;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The settings of a store, read once from the {@code kvstore} section of a configuration; reference.conf says what each
 * is for.
 *
 * @param devices the logical devices of a {@code device} store, at least one, such as {@code cpu(0)} or {@code gpu(0)}
 * @param inFlightBytes limit of captured pushes that are not yet applied, in bytes
 * @param inlineCaptureBytes a push of at most this many bytes is captured by the caller's own thread
 * @param poolBytes limit of this store's idle buffers, in bytes; empty: it shares half of the heap with all others
 * @param keyQueueLimit requests that may wait at one key while it commits
 * @param gpuStagingBytes host memory, for each GPU, that copies to and from it go through
 * @param gpuIdleBytes limit of the memory of each GPU that is kept for reuse
 * @param explainAfter a call that waits longer is explained in the log
 * @param patience a call that waits longer ends with a {@link KVStoreTimeoutException}
 * @param closeTimeout how long {@code close} waits for open requests
 */
public record KVStoreSettings(
        List<String> devices,
        long inFlightBytes,
        long inlineCaptureBytes,
        OptionalLong poolBytes,
        int keyQueueLimit,
        long gpuStagingBytes,
        long gpuIdleBytes,
        Duration explainAfter,
        Duration patience,
        Duration closeTimeout) {

    private static final Pattern DEVICE = Pattern.compile("[cg]pu\\(\\d{1,4}\\)");

    public KVStoreSettings {
        atLeast("devices", devices.size(), 1);
        devices.stream()
                .filter(name -> !DEVICE.matcher(name).matches())
                .findFirst()
                .ifPresent(name -> {
                    throw invalid("devices", "auto, a number, or a list of names such as cpu(0) and gpu(0)", name);
                });
        devices = List.copyOf(devices);
        atLeast("in-flight-bytes", inFlightBytes, 1024);
        atLeast("inline-capture-bytes", inlineCaptureBytes, 0);
        atLeast("pool-bytes", poolBytes.orElse(0), 0);
        atLeast("key-queue-limit", keyQueueLimit, 1);
        atLeast("gpu.staging-bytes", gpuStagingBytes, 64 * 1024);
        atLeast("gpu.idle-bytes", gpuIdleBytes, 0);
        positive("explain-after", explainAfter);
        positive("patience", patience);
        positive("close-timeout", closeTimeout);
    }

    /** Reads the {@code kvstore} section. @throws KVStoreException naming a setting that is missing or out of range */
    public static KVStoreSettings of(Config config) {
        try {
            Config section = config.getConfig("kvstore");
            return new KVStoreSettings(
                    devices(section),
                    section.getBytes("in-flight-bytes"),
                    section.getBytes("inline-capture-bytes"),
                    auto(section, "pool-bytes")
                            ? OptionalLong.empty()
                            : OptionalLong.of(section.getBytes("pool-bytes")),
                    section.getInt("key-queue-limit"),
                    section.getBytes("gpu.staging-bytes"),
                    section.getBytes("gpu.idle-bytes"),
                    section.getDuration("explain-after"),
                    section.getDuration("patience"),
                    section.getDuration("close-timeout"));
        } catch (ConfigException.WrongType | ConfigException.BadValue e) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION, null, "a kvstore setting is unusable: " + e.getMessage(), e);
        } catch (ConfigException e) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    null,
                    "the configuration has no usable kvstore section: " + e.getMessage()
                            + "; load it with ConfigFactory.load(), which adds the defaults of reference.conf",
                    e);
        }
    }

    private static List<String> devices(Config section) {
        if (section.getValue("devices").valueType() == ConfigValueType.LIST) {
            return section.getStringList("devices");
        }
        String text = section.getString("devices");
        if (DEVICE.matcher(text).matches()) {
            return List.of(text);
        }
        int count = "auto".equals(text) ? Runtime.getRuntime().availableProcessors() : section.getInt("devices");
        return IntStream.range(0, count).mapToObj(i -> "cpu(" + i + ")").toList();
    }

    /** A new pool with the store's limit. */
    public BufferPool newPool() {
        return poolBytes.isPresent() ? new BufferPool(poolBytes.getAsLong()) : new BufferPool();
    }

    /**
     * Refuses a misspelt name among single settings.
     *
     * @param given what a user set, by full names
     * @param base the rest of the configuration; what it or the loaded configuration has is known
     * @throws KVStoreException naming the first that neither has
     */
    public static void requireKnown(Config given, Config base) {
        Config loaded = ConfigFactory.load();
        given.entrySet().stream()
                .map(Map.Entry::getKey)
                .filter(path -> !base.hasPathOrNull(path) && !loaded.hasPathOrNull(path))
                .min(Comparator.naturalOrder())
                .ifPresent(path -> {
                    throw new KVStoreException(
                            Reason.INVALID_CONFIGURATION,
                            "there is no setting " + path + "; reference.conf and the files in conf list all");
                });
    }

    private static boolean auto(Config section, String path) {
        return "auto".equals(section.getString(path));
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw invalid(name, "at least " + least, value);
        }
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw invalid(name, "longer than nothing", value);
        }
    }

    private static KVStoreException invalid(String name, String expected, Object given) {
        return new KVStoreException(
                Reason.INVALID_CONFIGURATION, "kvstore." + name + " must be " + expected + ", given " + given);
    }
}

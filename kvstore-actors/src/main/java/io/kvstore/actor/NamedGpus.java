package io.kvstore.actor;

import io.kvstore.KVStoreSettings;
import io.kvstore.cuda.Cuda;
import io.kvstore.cuda.CudaDriver;
import io.kvstore.cuda.GpuInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which GPUs the settings of a store name, and which of them are there. */
final class NamedGpus {
    private static final Logger LOG = LoggerFactory.getLogger(NamedGpus.class);

    private NamedGpus() {}

    /**
     * Opens those that are named and there; says in one line of the log why others are not.
     *
     * @param given the driver, or null for the one that is found
     * @return null if none is named, or there is no driver
     */
    static Gpus open(KVStoreSettings settings, CudaDriver given, Executor copier) {
        SortedSet<Integer> named = named(settings);
        if (named.isEmpty()) {
            return null;
        }
        Cuda.Found found = given == null ? Cuda.find() : new Cuda.Found(given, null);
        if (found.driver() == null) {
            missing(named, found.reason());
            return null;
        }
        List<GpuInfo> all = found.driver().gpus();
        SortedSet<Integer> there = new TreeSet<>(named);
        there.retainAll(all.stream().map(GpuInfo::ordinal).toList());
        named.removeAll(there);
        List<String> reasons = new ArrayList<>();
        if (!named.isEmpty()) {
            reasons.add("this machine has " + all);
        }
        Gpus gpus = new Gpus(found.driver(), there, copier, GpuSettings.of(settings), (ordinal, reason) -> {
            named.add(ordinal);
            reasons.add(reason);
        });
        if (!named.isEmpty()) {
            missing(named, String.join("; ", reasons));
        }
        return gpus;
    }

    /** Says in one line of the log that a store which sums on the host uses none of the named GPUs, if any is named. */
    static void tellUnused(KVStoreSettings settings, String type) {
        SortedSet<Integer> named = named(settings);
        if (!named.isEmpty()) {
            LOG.warn(
                    "kvstore.devices names {}, which a store of type '{}' does not use: it sums on the host; 'device' is"
                            + " the type that uses GPUs",
                    labels(named),
                    type);
        }
    }

    private static SortedSet<Integer> named(KVStoreSettings settings) {
        SortedSet<Integer> named = new TreeSet<>();
        settings.devices().stream().filter(NamedGpus::isGpu).forEach(name -> named.add(ordinal(name)));
        return named;
    }

    private static void missing(SortedSet<Integer> ordinals, String reason) {
        LOG.warn("kvstore.devices names {}, and host devices take the place: {}", labels(ordinals), reason);
    }

    private static List<String> labels(SortedSet<Integer> ordinals) {
        return ordinals.stream().map(ordinal -> "gpu(" + ordinal + ")").toList();
    }

    /** The GPU of that name, or null if it is none or not there. */
    static StoreGpu of(String name, Gpus gpus) {
        return isGpu(name) ? gpus.of(ordinal(name)) : null;
    }

    /** The devices' own names, no two equal; a host device in the place of a GPU is called by its position. */
    static List<String> names(List<String> devices, Gpus gpus) {
        Map<String, Integer> used = new HashMap<>();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < devices.size(); i++) {
            String device = devices.get(i);
            boolean replaced = isGpu(device) && (gpus == null || of(device, gpus) == null);
            String name = replaced ? "cpu(" + i + ")" : device;
            int before = used.merge(name, 1, Integer::sum) - 1;
            names.add(before == 0 ? name : name + "/" + before);
        }
        return names;
    }

    private static boolean isGpu(String name) {
        return name.startsWith("gpu");
    }

    private static int ordinal(String name) {
        return Integer.parseInt(name.substring(name.indexOf('(') + 1, name.indexOf(')')));
    }
}

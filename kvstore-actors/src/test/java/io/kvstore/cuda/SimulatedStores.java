package io.kvstore.cuda;

import io.kvstore.KVStore;
import io.kvstore.KVStoreBuilder;
import io.kvstore.KVStoreProvider;
import io.kvstore.cuda.sim.SimulatedDriver;
import io.kvstore.session.LocalStores;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;

/**
 * Device stores on simulated GPUs, as types of their own, so that what is tested with a type is tested on them too. When such
 * a store is closed, nothing may have raced or leaked.
 */
public final class SimulatedStores implements KVStoreProvider {
    /** What {@code gpu(i)} each logical device is on. */
    private record Machine(int gpus, boolean peers, List<String> devices) {}

    private static final Map<String, Machine> MACHINES = Map.of(
            "device_on_gpu", new Machine(1, true, List.of("gpu(0)")),
            "device_2_on_gpu", new Machine(1, true, List.of("gpu(0)", "gpu(0)")),
            "device_4_on_2_gpus", new Machine(2, true, List.of("gpu(0)", "gpu(1)", "gpu(0)", "gpu(1)")),
            "device_on_gpus_apart", new Machine(2, false, List.of("gpu(0)", "gpu(1)", "cpu(0)")));

    /** The first GPU of this machine; where there is none, a test of it is skipped. */
    private static final String REAL = "device_on_real_gpu";

    @Override
    public Set<String> types() {
        Set<String> types = new HashSet<>(MACHINES.keySet());
        types.add(REAL);
        return types;
    }

    @Override
    public KVStore create(String type, KVStoreBuilder builder) {
        if (type.equals(REAL)) {
            Cuda.Found found = Cuda.find();
            Assumptions.assumeTrue(found.driver() != null, () -> "no test on a real GPU: " + found.reason());
            return new LocalStores().create("device", onDevices(builder, found.driver(), List.of("gpu(0)", "gpu(0)")));
        }
        Machine machine = MACHINES.get(type);
        SimulatedDriver.Builder driver =
                SimulatedDriver.builder().gpus(machine.gpus).seed(type.hashCode());
        return open(machine.peers ? driver.start() : driver.withoutPeers().start(), builder, machine.devices);
    }

    /** A device store on these devices of the driver, which is looked at and closed with it. */
    public static KVStore open(SimulatedDriver driver, KVStoreBuilder builder, List<String> devices) {
        KVStore store = new LocalStores().create("device", onDevices(builder, driver, devices));
        return (KVStore) Proxy.newProxyInstance(
                KVStore.class.getClassLoader(), new Class<?>[] {KVStore.class}, (proxy, method, arguments) -> {
                    method.setAccessible(true); // the forms of calls stand in interfaces that are no one's to name
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    } finally {
                        if (method.getName().equals("close")) {
                            check(driver);
                        }
                    }
                });
    }

    /** The builder's settings, which it keeps, but for other devices. */
    private static KVStoreBuilder onDevices(KVStoreBuilder builder, CudaDriver driver, List<String> devices) {
        KVStoreBuilder own = KVStore.builder()
                .config(builder.config())
                .set("devices", devices)
                .set("gpu.staging-bytes", "128 KiB") // so that larger arrays go in several chunks
                .cudaDriver(driver);
        builder.system().ifPresent(own::system);
        builder.controller().ifPresent(own::controller);
        return own;
    }

    private static void check(SimulatedDriver driver) {
        driver.close();
        if (!driver.faults().isEmpty()) {
            throw new AssertionError("faults of " + driver.version() + ": " + String.join("\n", driver.faults()));
        }
        if (!driver.leaks().isEmpty()) {
            throw new AssertionError("leaks of " + driver.version() + ": " + String.join("\n", driver.leaks()));
        }
    }
}

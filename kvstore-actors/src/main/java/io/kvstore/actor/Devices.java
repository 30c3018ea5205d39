package io.kvstore.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.ActorContext;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.Stats;
import io.kvstore.compression.DevicePacker;
import io.kvstore.cuda.CudaDriver;
import io.kvstore.profile.Profile;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DeviceTensor;
import java.util.ArrayList;
import java.util.List;

/** The devices of one store: deals new keys to the one with the fewest bytes. Any thread may use it. */
final class Devices {
    private static final class Slot {
        private final Device device;
        private final ActorRef<DeviceActor.Command> actor;
        private long keys;
        private long bytes;

        Slot(Device device, ActorRef<DeviceActor.Command> actor) {
            this.device = device;
            this.actor = actor;
        }
    }

    private final List<Slot> slots = new ArrayList<>();
    private final Gpus gpus; // null: none
    private final GpuPacker packer; // null: no GPUs

    private Devices(Gpus gpus, GpuPacker packer) {
        this.gpus = gpus;
        this.packer = packer;
    }

    /**
     * Starts the devices that the settings name, as children of {@code context}'s actor. For GPUs that are not there, host
     * devices take their places, and the log says why.
     *
     * @param driver of the GPUs; null for the one that is found
     */
    static Devices start(
            ActorContext<?> context, KVStoreSettings settings, CudaDriver driver, BufferPool pool, Profile profile) {
        DispatcherSelector copiers = DispatcherSelector.fromConfig("kvstore.dispatcher");
        Gpus gpus = NamedGpus.open(
                settings, driver, context.getSystem().dispatchers().lookup(copiers));
        Devices devices = new Devices(gpus, gpus == null ? null : new GpuPacker(gpus, pool, settings.patience()));
        List<String> names = NamedGpus.names(settings.devices(), gpus);
        for (int i = 0; i < names.size(); i++) {
            StoreGpu gpu = gpus == null ? null : NamedGpus.of(settings.devices().get(i), gpus);
            Device device = gpu == null
                    ? new HostDevice(names.get(i), pool.sibling(), profile, gpus)
                    : new CudaDevice(names.get(i), gpus, gpu, pool, profile);
            devices.slots.add(new Slot(
                    device,
                    context.spawn(
                            DeviceActor.create(device),
                            "device-" + i,
                            DispatcherSelector.fromConfig("kvstore.device-dispatcher"))));
        }
        return devices;
    }

    /** A home for a new key of that size: of the devices that work the one with the fewest bytes, the first of equals. */
    synchronized String place(long bytes) {
        Slot best = null;
        for (Slot slot : slots) {
            if (slot.device.isAvailable() && (best == null || slot.bytes < best.bytes)) {
                best = slot;
            }
        }
        if (best == null) {
            best = slots.get(0); // all are lost GPUs, whose keys live on the host
        }
        best.keys++;
        best.bytes += bytes;
        return best.device.name();
    }

    /** Takes a deleted key off its device. */
    synchronized void remove(String name, long bytes) {
        Slot slot = slot(name);
        slot.keys--;
        slot.bytes -= bytes;
    }

    /** Forgets all keys and frees everything; the device actors have stopped, and no key has anything there any more. */
    synchronized void clear() {
        for (Slot slot : slots) {
            slot.keys = 0;
            slot.bytes = 0;
            slot.device.close();
        }
        if (gpus != null) {
            gpus.close();
        }
    }

    ActorRef<DeviceActor.Command> actor(String name) {
        return slot(name).actor;
    }

    /** Why the devices cannot read and write that array, or null if they can. */
    KVStoreException problem(DeviceTensor array) {
        return gpus == null ? Fit.noGpus() : gpus.problem(array);
    }

    /** Packs arrays on the GPUs; null if there are none. */
    DevicePacker packer() {
        return packer;
    }

    /** Bytes that belong to none of the devices: what packed arrays have left on GPUs. */
    long otherBytes() {
        return packer == null ? 0 : packer.inUse();
    }

    private Slot slot(String name) {
        for (Slot slot : slots) {
            if (slot.device.name().equals(name)) {
                return slot;
            }
        }
        throw new IllegalArgumentException("no device " + name);
    }

    synchronized List<Stats.DeviceStats> stats() {
        return slots.stream()
                .map(slot -> slot.device.stats(slot.keys, slot.bytes))
                .toList();
    }
}

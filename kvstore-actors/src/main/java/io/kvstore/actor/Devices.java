package io.kvstore.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.ActorContext;
import io.kvstore.KVStoreException;
import io.kvstore.Stats;
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

    private Devices() {}

    /** Starts {@code count} host devices as children of {@code context}'s actor. */
    static Devices start(ActorContext<?> context, int count, BufferPool pool, Profile profile) {
        Devices devices = new Devices();
        for (int i = 0; i < count; i++) {
            Device device = new HostDevice(i, pool.sibling(), profile);
            devices.slots.add(new Slot(
                    device,
                    context.spawn(
                            DeviceActor.create(device),
                            "device-" + i,
                            DispatcherSelector.fromConfig("kvstore.device-dispatcher"))));
        }
        return devices;
    }

    /** A home for a new key of that size: the device with the fewest bytes, the first of equals. */
    synchronized String place(long bytes) {
        Slot best = slots.get(0);
        for (Slot slot : slots) {
            if (slot.bytes < best.bytes) {
                best = slot;
            }
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

    /** Forgets all keys and frees what is idle; the device actors have stopped. */
    synchronized void clear() {
        for (Slot slot : slots) {
            slot.keys = 0;
            slot.bytes = 0;
            slot.device.close();
        }
    }

    ActorRef<DeviceActor.Command> actor(String name) {
        return slot(name).actor;
    }

    /** Why the devices cannot read and write that array, or null if they can. */
    KVStoreException problem(DeviceTensor array) {
        return Fit.noGpus();
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

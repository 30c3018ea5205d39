package io.kvstore.actor;

import akka.actor.typed.ActorRef;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Stats;
import io.kvstore.compression.DevicePacker;
import io.kvstore.profile.Profile;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.Kernels;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What the actors of one store in this JVM share with the sessions that use it: settings, records, buffers, counters, and
 * the key actors by key. Any thread may use it.
 */
public final class StoreContext {
    /** A worker is at most two rounds away from any other, so no key asks for an older one. */
    private static final int KEPT_CONFIGS = 64;

    private final String type;
    private final KVStoreSettings settings;
    private final Profile profile;
    private final BufferPool pool;
    private final KeyRecords records;
    private final RoundTerms terms;
    private final HeldBytes held;
    private final PartPost post;
    private final Duration patience;
    private final Map<Part, ActorRef<KeyCommand>> actors = new ConcurrentHashMap<>();
    private final LongAdder pushes = new LongAdder();
    private final LongAdder pulls = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder bytesPushed = new LongAdder();
    private final LongAdder bytesPulled = new LongAdder();
    private volatile Devices devices;
    private volatile KeyConfig config = KeyConfig.ASSIGN;
    private final NavigableMap<Long, KeyConfig> configs =
            new ConcurrentSkipListMap<>(Map.of(KeyConfig.ASSIGN.version(), KeyConfig.ASSIGN));
    private volatile Membership membership = Membership.NONE;
    private volatile List<Taker> takers = List.of();

    /** A session of this JVM, with the address that its commands carry. */
    private record Taker(ActorRef<KeyReply> address, Consumer<KeyReply> taken) {}

    /** Of a store in one JVM. */
    StoreContext(String type, KVStoreSettings settings) {
        this(type, settings, new Profile("kvstore " + type, System::nanoTime, InstantSource.system()));
    }

    StoreContext(String type, KVStoreSettings settings, Profile profile) {
        this(type, settings, profile, null, () -> 0, null, Duration.ZERO);
    }

    /**
     * Of one node's share of a store over many.
     *
     * @param terms how its workers push; null in a store of one JVM
     * @param clock generations of keys are at least its time
     * @param post the road between parts of a key; null in a store of one JVM
     * @param patience how long a part waits for others without a sign that they will come
     */
    StoreContext(
            String type,
            KVStoreSettings settings,
            Profile profile,
            RoundTerms terms,
            LongSupplier clock,
            PartPost post,
            Duration patience) {
        this.terms = terms;
        this.post = post;
        this.patience = patience;
        this.held = terms == null ? null : new HeldBytes(terms.heldBytes());
        this.records = new KeyRecords(clock);
        this.type = type;
        this.settings = settings;
        this.profile = profile;
        this.pool = settings.newPool();
    }

    /** The store's type, in lower case. */
    public String type() {
        return type;
    }

    public KVStoreSettings settings() {
        return settings;
    }

    /** The switch of the store's profiler. */
    public Profile profile() {
        return profile;
    }

    /** Buffers for captured pushes; what is taken here counts as live in {@link #stats}. */
    public BufferPool pool() {
        return pool;
    }

    /** The order of sums in this store; see {@link Kernels#sum(List, io.kvstore.tensor.DenseTensor, int)}. */
    public int sumGroup() {
        return onDevices() ? Kernels.DEVICE_GROUP : Kernels.LOCAL_GROUP;
    }

    /** Whether device actors sum what is pushed. */
    boolean onDevices() {
        return type.contains("device");
    }

    /** The actor of a key that was asked for before, or null. */
    public ActorRef<KeyCommand> actor(Key key) {
        return actors.get(Part.head(key));
    }

    /**
     * From now on replies to {@code address} are given to {@code taken}, on the thread of the key that gives them, and spare
     * it a message each. It must neither wait nor throw, nor run a user's code.
     */
    public synchronized void attach(ActorRef<KeyReply> address, Consumer<KeyReply> taken) {
        List<Taker> more = new ArrayList<>(takers);
        more.add(new Taker(address, taken));
        takers = more;
    }

    /** Undoes {@link #attach}. */
    public synchronized void detach(ActorRef<KeyReply> address) {
        takers = takers.stream().filter(each -> each.address != address).toList();
    }

    /** Gives a reply to the session that has the address, if it is in this JVM, or sends it there. */
    void reply(ActorRef<KeyReply> to, KeyReply reply) {
        List<Taker> sessions = takers;
        for (int i = 0; i < sessions.size(); i++) {
            if (sessions.get(i).address == to) {
                sessions.get(i).taken.accept(reply);
                return;
            }
        }
        to.tell(reply);
    }

    /** What is known of a key that exists. */
    public Optional<KeyInfo> info(Key key) {
        return records.info(key);
    }

    /** What requests of the key wait for, in words, if anything. */
    public Optional<String> waitingFor(Key key) {
        return records.waitingFor(key);
    }

    /** The keys that exist, sorted. */
    public List<Key> keys() {
        return records.keys();
    }

    /** Whether a key of this kind, integer or string, may be in this store. */
    public boolean admits(Key key) {
        return records.admits(key);
    }

    /** The kind of keys in this store: {@code integer}, {@code string} or {@code no}. */
    public String kind() {
        return records.kind();
    }

    /** How keys apply pushes now. */
    public KeyConfig config() {
        return config;
    }

    /** Counters; {@code inFlightBytes} and {@code openCalls} are a session's to give. */
    public Stats stats(long inFlightBytes, long openCalls) {
        List<Stats.DeviceStats> perDevice = devices == null ? List.of() : devices.stats();
        long live = pool.liveBytes() + (devices == null ? 0 : devices.otherBytes());
        for (Stats.DeviceStats device : perDevice) {
            live += device.liveBytes();
        }
        return new Stats(
                records.size(),
                pushes.sum(),
                pulls.sum(),
                refused.sum(),
                bytesPushed.sum(),
                bytesPulled.sum(),
                live,
                pool.idleBytes(),
                inFlightBytes,
                openCalls,
                perDevice);
    }

    KeyRecords records() {
        return records;
    }

    Map<Part, ActorRef<KeyCommand>> actors() {
        return actors;
    }

    /** Why the store cannot read and write that array, or null if it can. The message does not name the key. */
    public KVStoreException problem(DeviceTensor array) {
        return devices == null ? Fit.noGpus() : devices.problem(array);
    }

    /** Packs arrays on GPUs; null if the store uses none. */
    public DevicePacker packer() {
        return devices == null ? null : devices.packer();
    }

    /** The store's devices, or null if it sums on the host. */
    Devices devices() {
        return devices;
    }

    void devices(Devices started) {
        devices = started;
    }

    void config(KeyConfig next) {
        if (next.version() >= config.version()) {
            config = next;
        }
        configs.put(next.version(), next);
        while (configs.size() > KEPT_CONFIGS) {
            configs.pollFirstEntry();
        }
    }

    /** The configuration of that version, or null if it is not known here. */
    KeyConfig config(long version) {
        return configs.get(version);
    }

    /** How several workers push; null in a store of one JVM. */
    RoundTerms terms() {
        return terms;
    }

    /** The room for contributions that wait for their turn; null in a store of one JVM. */
    HeldBytes held() {
        return held;
    }

    /** The road between parts of a key; null in a store of one JVM. */
    PartPost post() {
        return post;
    }

    /** How long a part waits for others without a sign that they will come. */
    Duration patience() {
        return patience;
    }

    Membership membership() {
        return membership;
    }

    void membership(Membership next) {
        membership = next;
    }

    void countPush(long bytes) {
        pushes.increment();
        bytesPushed.add(bytes);
    }

    void countPull(long bytes) {
        pulls.increment();
        bytesPulled.add(bytes);
    }

    void countRefused() {
        refused.increment();
    }
}

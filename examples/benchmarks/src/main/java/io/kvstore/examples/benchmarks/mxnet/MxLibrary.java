package io.kvstore.examples.benchmarks.mxnet;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.ptr.IntByReference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * The MXNet 1.9.1 library of this JVM, loaded at first use, or the reason why there is none.
 *
 * <p>It comes from the artifact {@code ai.djl.mxnet:mxnet-native-mkl} with the classifier {@code linux-x86_64}, which the
 * build's profile {@code thorough} puts on the class path. It is unpacked below {@code kvstore.mxnet.cache} (a system
 * property), by default {@code .cache/kvstore-mxnet} in the user's home. MXNet reads {@code OMP_NUM_THREADS} and its own
 * {@code MXNET_...} variables from the environment of the process.
 */
public final class MxLibrary {
    private static final int VERSION = 10_900;
    private static final int RTLD_LAZY_LOCAL = 1;

    // Local symbols: ND4J brings its own OpenBLAS and OpenMP into the same process.
    private static final Map<String, ?> OPTIONS =
            Map.of(Library.OPTION_OPEN_FLAGS, RTLD_LAZY_LOCAL, Library.OPTION_STRING_ENCODING, "UTF-8");

    private MxLibrary() {}

    private record Loaded(MxApi api, String reason) {
        static Loaded yes(MxApi api) {
            return new Loaded(api, "");
        }

        static Loaded no(String reason) {
            return new Loaded(null, reason);
        }
    }

    private static final class Holder {
        static final Loaded LOADED = load();
    }

    /** Whether MXNet can be called in this JVM. */
    public static boolean available() {
        return Holder.LOADED.api() != null;
    }

    /** Why MXNet cannot be called and what to do, or an empty text when it can. */
    public static String unavailableReason() {
        return Holder.LOADED.reason();
    }

    static MxApi api() {
        if (!available()) {
            throw new IllegalStateException(unavailableReason());
        }
        return Holder.LOADED.api();
    }

    /** Throws MXNet's message unless a call returned 0. The message is kept per thread: check at once. */
    static void check(int result) {
        if (result != 0) {
            throw new MxException(api().MXGetLastError());
        }
    }

    private static Loaded load() {
        String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        if (!platform.equals("Linux amd64")) {
            return Loaded.no("MXNet's library is compared with on Linux amd64 only; this is " + platform);
        }
        try {
            MxArtifact artifact = MxArtifact.find();
            if (artifact == null) {
                return Loaded.no("MXNet's library is not on the class path: build with -Pthorough, or add"
                        + " ai.djl.mxnet:mxnet-native-mkl:1.9.1:linux-x86_64");
            }
            return open(artifact.unpack(cache()));
        } catch (IOException | UnsatisfiedLinkError e) {
            return Loaded.no("MXNet's library cannot be loaded: " + e);
        }
    }

    private static Path cache() {
        Path home = Path.of(System.getProperty("user.home"), ".cache", "kvstore-mxnet");
        return Path.of(System.getProperty("kvstore.mxnet.cache", home.toString()));
    }

    private static Loaded open(Path library) {
        MxApi api = Native.load(library.toString(), MxApi.class, OPTIONS);
        IntByReference version = new IntByReference();
        if (api.MXGetVersion(version) != 0 || version.getValue() != VERSION) {
            return Loaded.no("wrong MXNet: expected version " + VERSION + ", given " + version.getValue());
        }
        Native.register(MxCalls.class, NativeLibrary.getInstance(library.toString(), OPTIONS));
        Runtime.getRuntime().addShutdownHook(new Thread(api::MXNotifyShutdown, "mxnet-shutdown"));
        return Loaded.yes(api);
    }
}

package io.kvstore.cuda;

/** Where the GPUs of this machine are found. */
public final class Cuda {
    private Cuda() {}

    /**
     * The driver, or why there is none.
     *
     * @param driver null if no GPU can be used
     * @param reason one clear line for a person who expected a GPU; null if there is a driver
     */
    public record Found(CudaDriver driver, String reason) {}

    /** Loading the binding, which a JVM does once, whatever comes of it. */
    private static final class Binding {
        static final String PROBLEM = load();

        private static String load() {
            try {
                NativeDriver.load();
                return null;
            } catch (NoClassDefFoundError e) {
                return "JCuda is not on the class path: add org.jcuda:jcuda:12.6.0 and org.jcuda:jcuda-natives:12.6.0 with"
                        + " the classifier linux-x86_64";
            } catch (UnsatisfiedLinkError e) {
                return NativeDriver.reason(String.valueOf(e.getMessage()));
            }
        }
    }

    /** Looks for a GPU that can be used; never throws, and may be called again. */
    public static Found find() {
        return Binding.PROBLEM == null ? NativeDriver.find() : new Found(null, Binding.PROBLEM);
    }
}

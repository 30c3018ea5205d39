package io.kvstore.cluster;

import com.typesafe.config.Config;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;

/** The files of keys and certificates that a node needs if it encrypts its traffic. */
public final class TlsFiles {
    /** Where a configuration names them. */
    public static final String ENGINE = "akka.remote.artery.ssl.config-ssl-engine";

    private static final String PROVIDER = "akka.remote.artery.tcp.ConfigSSLEngineProvider";

    private TlsFiles() {}

    /** Whether a node of this configuration encrypts its traffic. */
    public static boolean areUsed(Config config) {
        return config.getString("akka.remote.artery.transport").equals("tls-tcp");
    }

    /**
     * Refuses a node whose files cannot be read. Akka starts it, and reports each connection that fails.
     *
     * @throws KVStoreException naming the file
     */
    public static void requireReadable(Config config) {
        if (!areUsed(config)
                || !config.getString("akka.remote.artery.ssl.ssl-engine-provider")
                        .equals(PROVIDER)) {
            return; // an engine of the user's own has files of its own
        }
        Config engine = config.getConfig(ENGINE);
        for (String store : List.of("key-store", "trust-store")) {
            String file = engine.getString(store);
            try {
                load(file, engine.getString(store + "-password"));
            } catch (IOException | GeneralSecurityException e) {
                throw new KVStoreException(
                        Reason.INVALID_CONFIGURATION,
                        null,
                        "TLS is on, and its " + store + " " + file + " cannot be read: " + e
                                + "; check the path and the password; conf/tls.conf shows how to make the files",
                        e);
            }
        }
    }

    /** The store in {@code file}. */
    public static KeyStore load(String file, String password) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(in, password.toCharArray());
            return store;
        }
    }
}

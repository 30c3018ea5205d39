package io.kvstore.cluster.command;

import com.typesafe.config.Config;
import io.kvstore.cluster.TlsFiles;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;

/** What {@code doctor} asks of the files of certificates. */
final class TlsChecks {
    private static final String SUBJECT = "tls";
    private static final Duration SOON = Duration.ofDays(30);

    private TlsChecks() {}

    static List<Finding> of(Config config) {
        if (!TlsFiles.areUsed(config)) {
            return List.of(Finding.ok(SUBJECT, "off; a server listens to this machine only, unless it is --insecure"));
        }
        Config engine = config.getConfig(TlsFiles.ENGINE);
        Finding mutual = engine.getBoolean("require-mutual-authentication")
                ? Finding.ok(SUBJECT, "both sides show certificates")
                : Finding.fail(
                        SUBJECT,
                        "who connects needs no certificate",
                        TlsFiles.ENGINE + ".require-mutual-authentication = on, as in conf/tls.conf");
        return List.of(
                mutual,
                store(engine.getString("key-store"), engine.getString("key-store-password"), Instant.now()),
                store(engine.getString("trust-store"), engine.getString("trust-store-password"), Instant.now()));
    }

    /** A file of keys or certificates: whether it can be read, and until when what is in it counts. */
    static Finding store(String file, String password, Instant now) {
        try {
            return expiry(file, earliest(TlsFiles.load(file, password)), now);
        } catch (IOException e) {
            return Finding.fail(
                    SUBJECT,
                    file + " cannot be read: " + e,
                    "check the path and the password; conf/tls.conf shows how to make the files");
        } catch (GeneralSecurityException e) {
            return Finding.fail(
                    SUBJECT, file + " is no key store: " + e.getMessage(), "make it anew, see conf/tls.conf");
        }
    }

    private static Finding expiry(String file, Instant end, Instant now) {
        if (end.equals(Instant.MAX)) {
            return Finding.fail(SUBJECT, file + " holds no certificate", "make it anew, see conf/tls.conf");
        }
        String found = file + " counts until " + end;
        if (end.isBefore(now)) {
            return Finding.fail(SUBJECT, found, "make a new certificate, see conf/tls.conf");
        }
        return end.isBefore(now.plus(SOON))
                ? Finding.warn(SUBJECT, found, "make a new certificate before that day")
                : Finding.ok(SUBJECT, found);
    }

    /** When the first certificate ends. */
    private static Instant earliest(KeyStore store) throws GeneralSecurityException {
        Instant earliest = Instant.MAX;
        for (String alias : Collections.list(store.aliases())) {
            Certificate certificate = store.getCertificate(alias);
            if (certificate instanceof X509Certificate x509) {
                Instant end = x509.getNotAfter().toInstant();
                earliest = end.isBefore(earliest) ? end : earliest;
            }
        }
        return earliest;
    }
}

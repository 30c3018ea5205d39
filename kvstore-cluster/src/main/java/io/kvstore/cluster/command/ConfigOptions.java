package io.kvstore.cluster.command;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.Reason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Where a command gets its settings from: options, then files, then environment variables and defaults. */
final class ConfigOptions {

    @Option(
            names = "--conf",
            paramLabel = "FILE",
            description = "read settings from this file, such as those in conf/; of several, the last wins")
    private List<Path> files = List.of();

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "one setting of the kvstore section, such as slice-bytes=4MiB; may be repeated")
    private Map<String, String> settings = new LinkedHashMap<>();

    /**
     * The configuration in force.
     *
     * @param options settings that options of their own give, by name under {@code kvstore}; they win
     * @throws KVStoreException if a file cannot be read
     */
    Config load(Map<String, ?> options) {
        try {
            Config own = files.isEmpty() ? ConfigFactory.defaultApplication() : ConfigFactory.empty();
            for (Path file : files) {
                ConfigParseOptions required = ConfigParseOptions.defaults().setAllowMissing(false);
                own = ConfigFactory.parseFile(file.toFile(), required).withFallback(own);
            }
            Config single = under(settings);
            KVStoreSettings.requireKnown(single, own);
            return ConfigFactory.load(under(options).withFallback(single).withFallback(own));
        } catch (ConfigException e) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION, null, "the configuration cannot be read: " + e.getMessage(), e);
        }
    }

    private static Config under(Map<String, ?> settings) {
        return ConfigFactory.parseMap(settings, "command line").atPath("kvstore");
    }

    /** These options again, for a process that is to have the same settings. */
    List<String> asArguments() {
        List<String> arguments = new ArrayList<>();
        files.forEach(
                file -> arguments.addAll(List.of("--conf", file.toAbsolutePath().toString())));
        settings.forEach((name, value) -> arguments.addAll(List.of("--set", name + "=" + value)));
        return arguments;
    }
}

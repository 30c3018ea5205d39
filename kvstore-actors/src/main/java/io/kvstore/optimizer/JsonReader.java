package io.kvstore.optimizer;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.Map;

/**
 * Reads what {@link JsonWriter} writes.
 *
 * <p>Fields: {@code format} (1) and {@code name} are required; {@code settings} (the rule's own), the common settings by
 * MXNet's names, {@code lr_mult} and {@code wd_mult} (objects), and {@code lr_scheduler} (an object with a {@code type}
 * and the schedule's own fields) have MXNet's defaults.
 */
final class JsonReader {
    private static final int MAX_LENGTH = 1 << 24;
    private static final int MAX_DEPTH = 8;

    private JsonReader() {}

    static Optimizer read(String text) {
        Map<String, Object> fields = parse(text);
        JsonFields json = new JsonFields("", fields);
        long format = json.count("format");
        if (format != JsonWriter.FORMAT) {
            throw refused("format must be " + JsonWriter.FORMAT + ", given " + format
                    + (format > JsonWriter.FORMAT ? "; it was written by a newer version" : ""));
        }
        Optimizer.Builder builder = Optimizer.named(json.text("name"));
        json.object("settings").forEach((name, value) -> own(builder, name, value));
        for (String name : Common.NAMES) {
            if (json.has(name) && !name.equals("lr_scheduler")) {
                builder.set(name, json.take(name));
            }
        }
        if (json.has("lr_scheduler")) {
            builder.schedule(schedule(json.object("lr_scheduler")));
        }
        json.end();
        return builder.build();
    }

    private static void own(Optimizer.Builder builder, String name, Object value) {
        if (Common.NAMES.contains(name)) {
            throw refused("unknown field settings." + name + "; common settings stand beside settings, not in it");
        }
        builder.set(name, value);
    }

    private static Map<String, Object> parse(String text) {
        checkSize(text);
        try {
            ConfigParseOptions strict =
                    ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON).setOriginDescription("optimizer JSON");
            return ConfigFactory.parseString(text, strict).root().unwrapped();
        } catch (ConfigException e) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, null, e.getMessage(), e);
        }
    }

    /** The parser calls itself for each level: text from elsewhere must not exhaust the stack. */
    private static void checkSize(String text) {
        if (text.length() > MAX_LENGTH) {
            throw refused("text must have at most " + MAX_LENGTH + " characters, given " + text.length());
        }
        int depth = 0;
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && (c == '{' || c == '[')) {
                depth++;
            } else if (!quoted && (c == '}' || c == ']')) {
                depth--;
            }
            if (depth > MAX_DEPTH) {
                throw refused("objects must be nested at most " + MAX_DEPTH + " deep, given more at character " + i);
            }
        }
    }

    private static Schedule schedule(Map<String, Object> fields) {
        JsonFields json = new JsonFields("lr_scheduler.", fields);
        String type = json.text("type");
        try {
            Warmup warmup = new Warmup(
                    json.count("warmup_steps", 0),
                    json.number("warmup_begin_lr", 0),
                    mode(json.text("warmup_mode", "linear")));
            Schedule schedule = switch (type) {
                case "factor" ->
                    new FactorSchedule(
                            json.count("step"),
                            json.number("factor", 1),
                            json.number("stop_factor_lr", FactorSchedule.STOP),
                            warmup);
                case "multi_factor" -> new MultiFactorSchedule(json.counts("step"), json.number("factor", 1), warmup);
                case "poly" ->
                    new PolySchedule(
                            json.count("max_update"), json.number("pwr", 2), json.number("final_lr", 0), warmup);
                case "cosine" -> new CosineSchedule(json.count("max_update"), json.number("final_lr", 0), warmup);
                default ->
                    throw new IllegalArgumentException(
                            "type must be factor, multi_factor, poly or cosine, given " + type);
            };
            json.end();
            return schedule;
        } catch (IllegalArgumentException e) {
            throw refused("lr_scheduler: " + e.getMessage());
        }
    }

    private static Warmup.Mode mode(String text) {
        return switch (text) {
            case "linear" -> Warmup.Mode.LINEAR;
            case "constant" -> Warmup.Mode.CONSTANT;
            default -> throw new IllegalArgumentException("warmup_mode must be linear or constant, given " + text);
        };
    }

    static KVStoreException refused(String why) {
        return new KVStoreException(Reason.INVALID_ARGUMENT, "optimizer JSON: " + why);
    }
}

package io.kvstore.optimizer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** An {@link Optimizer} as JSON text: one object, the fields of which {@link JsonReader} lists. */
final class JsonWriter {
    static final int FORMAT = 1;

    private JsonWriter() {}

    static String write(Optimizer optimizer) {
        Common common = optimizer.common();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("format", FORMAT);
        fields.put("name", optimizer.name());
        fields.put("settings", optimizer.settings().asMap());
        fields.put("learning_rate", common.learningRate());
        fields.put("wd", common.wd());
        fields.put("rescale_grad", common.rescaleGrad());
        fields.put("clip_gradient", common.clipGradient());
        fields.put("begin_num_update", common.beginNumUpdate());
        fields.put("multi_precision", common.multiPrecision());
        fields.put("lazy_update", common.lazyUpdate());
        if (common.schedule() != null) {
            fields.put("lr_scheduler", schedule(common.schedule()));
        }
        fields.put("lr_mult", common.lrMult());
        fields.put("wd_mult", common.wdMult());
        return object(fields, "\n") + "\n";
    }

    private static Map<String, Object> schedule(Schedule schedule) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (schedule instanceof FactorSchedule factor) {
            fields.put("type", "factor");
            fields.put("step", factor.step());
            fields.put("factor", factor.factor());
            fields.put("stop_factor_lr", factor.stopRate());
        } else if (schedule instanceof MultiFactorSchedule multi) {
            fields.put("type", "multi_factor");
            fields.put("step", multi.steps());
            fields.put("factor", multi.factor());
        } else if (schedule instanceof PolySchedule poly) {
            fields.put("type", "poly");
            fields.put("max_update", poly.maxUpdate());
            fields.put("pwr", poly.power());
            fields.put("final_lr", poly.finalRate());
        } else if (schedule instanceof CosineSchedule cosine) {
            fields.put("type", "cosine");
            fields.put("max_update", cosine.maxUpdate());
            fields.put("final_lr", cosine.finalRate());
        }
        Warmup warmup = schedule.warmup();
        fields.put("warmup_steps", warmup.steps());
        fields.put("warmup_begin_lr", warmup.beginRate());
        fields.put("warmup_mode", warmup.mode().name().toLowerCase(Locale.ROOT));
        return fields;
    }

    private static String value(Object value, String newLine) {
        if (value instanceof Map<?, ?> map) {
            return object(map, newLine);
        }
        if (value instanceof List<?> list) {
            return list.stream().map(element -> value(element, newLine)).collect(Collectors.joining(", ", "[", "]"));
        }
        return value instanceof String text ? string(text) : String.valueOf(value);
    }

    private static String object(Map<?, ?> fields, String newLine) {
        if (fields.isEmpty()) {
            return "{}";
        }
        String inner = newLine + "  ";
        return fields.entrySet().stream()
                .map(field -> string((String) field.getKey()) + ": " + value(field.getValue(), inner))
                .collect(Collectors.joining("," + inner, "{" + inner, newLine + "}"));
    }

    private static String string(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}

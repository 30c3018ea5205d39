package io.kvstore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parameters of a {@link Trainer} by name, in the order in which they were given. */
final class TrainerParameters {
    private final Map<String, TrainerParameter> byName = new LinkedHashMap<>();

    TrainerParameters(List<TrainerParameter> parameters) {
        parameters.forEach(parameter -> byName.put(parameter.key().name(), parameter));
    }

    List<TrainerParameter> all() {
        return List.copyOf(byName.values());
    }

    /** @throws KVStoreException if there is none of that name */
    TrainerParameter named(String operation, String name) {
        TrainerParameter parameter = name == null ? null : byName.get(name);
        if (parameter == null) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    operation + ": the trainer has no parameter '" + name + "'; it has " + byName.keySet());
        }
        return parameter;
    }

    /** All gradients by parameter and device. @throws KVStoreException if anything is missing or wrong */
    List<List<Object>> gradients(String operation, Map<String, ?> given) {
        if (given == null) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, operation + ": gradients must not be null");
        }
        given.keySet().forEach(name -> named(operation, name));
        List<List<Object>> gradients = new ArrayList<>(byName.size());
        byName.forEach((name, parameter) -> {
            if (!given.containsKey(name)) {
                throw new KVStoreException(
                        Reason.INVALID_ARGUMENT,
                        parameter.key(),
                        operation + " expects a gradient for every parameter, and this one has none; a parameter that"
                                + " shall not be trained is not given to the trainer");
            }
            parameter.requireReplicas(operation);
            gradients.add(parameter.gradients(operation, given.get(name)));
        });
        return gradients;
    }

    /** The sums by name and device, as they are given back to users. */
    Map<String, List<Object>> named(List<List<Object>> gradients) {
        Map<String, List<Object>> named = new LinkedHashMap<>();
        byName.forEach((name, parameter) -> named.put(name, gradients.get(parameter.index())));
        return named;
    }
}

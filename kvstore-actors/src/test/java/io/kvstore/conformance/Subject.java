package io.kvstore.conformance;

import io.kvstore.KVStore;
import io.kvstore.Key;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a case runs against: a type of store, with integer or with string keys. */
record Subject(String type, boolean named) {
    static Stream<Subject> all() {
        return Stream.concat(
                Stream.of("local", "device")
                        .flatMap(type -> Stream.of(new Subject(type, false), new Subject(type, true))),
                onGpus());
    }

    /** Device stores on simulated GPUs, and on the real one if there is one. */
    static Stream<Subject> onGpus() {
        return Stream.of(
                new Subject("device_on_gpu", false),
                new Subject("device_2_on_gpu", true),
                new Subject("device_4_on_2_gpus", false),
                new Subject("device_on_gpus_apart", true),
                new Subject("device_on_real_gpu", false));
    }

    KVStore open() {
        return KVStore.create(type);
    }

    Key key(int number) {
        return named ? Key.of("k" + number) : Key.of(number);
    }

    /** The keys of these numbers as users write them: ints or Strings. */
    List<Object> keys(int... numbers) {
        return IntStream.of(numbers)
                .mapToObj(number -> named ? (Object) ("k" + number) : (Object) number)
                .toList();
    }

    @Override
    public String toString() {
        return type + (named ? ", string keys" : ", int keys");
    }
}

package io.kvstore.examples.gpu;

import io.kvstore.cuda.Cuda;

/** Says which GPUs this machine has, a line each, or in one line why none can be used; exit code 0 or 1. */
public final class Gpus {
    private Gpus() {}

    public static void main(String[] args) {
        Cuda.Found found = Cuda.find();
        if (found.driver() == null) {
            System.out.println("no GPU: " + found.reason());
            System.exit(1);
        }
        System.out.println(found.driver().version());
        found.driver().gpus().forEach(System.out::println);
    }
}

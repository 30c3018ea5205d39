package io.kvstore.cluster.command;

import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/**
 * Takes a signal of the operating system instead of ending the JVM. Java's only way is {@code sun.misc.Signal} of module
 * jdk.unsupported; it is called by reflection because the compiler warns of every mention.
 */
final class Signals {
    private Signals() {}

    /**
     * From now on {@code handler} gets the signal's name, on a thread of its own each time.
     *
     * @param name without SIG, such as {@code TERM}
     */
    static void handle(String name, Consumer<String> handler) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> type = Class.forName("sun.misc.SignalHandler");
            Object proxy =
                    Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                        if (method.getDeclaringClass() == Object.class) {
                            return method.invoke(handler, arguments);
                        }
                        handler.accept(name);
                        return null;
                    });
            signal.getMethod("handle", signal, type)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM does not let a program handle SIG" + name, e);
        }
    }
}

package io.kvstore.examples.benchmarks;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kvstore.Key;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Origin;
import io.kvstore.actor.Part;
import io.kvstore.cluster.ClusterConfig;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.link.Body;
import io.kvstore.cluster.link.Channel;
import io.kvstore.cluster.link.Endpoints;
import io.kvstore.cluster.link.Item;
import io.kvstore.cluster.link.NodeId;
import io.kvstore.cluster.link.Receiver;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * The roads between a worker and a server, two processes of one machine, without keys: frames of 1 MiB, pushed and pushed and
 * pulled, and a small question after the other. Each road in turn, twice.
 *
 * <p>{@code ./mvnw -q compile exec:exec -pl examples/benchmarks -am
 * -Dmain.class=io.kvstore.examples.benchmarks.RoadSpeed}
 */
public final class RoadSpeed {
    private static final Part SMALL = new Part(Key.of("small"), 0);
    private static final Part PUSHED = new Part(Key.of("pushed"), 0);
    private static final Part BOTH = new Part(Key.of("both"), 0);
    private static final String AT = "at ";
    private static final int FLOATS = 1 << 18;
    private static final int AT_ONCE = 8;
    private static final int FRAMES = 4000;
    private static final int QUESTIONS = 20_000;
    private static final int IDLE_MILLIS = 3000;

    private RoadSpeed() {}

    public static void main(String[] role) throws Exception {
        if (role.length == 0) {
            System.out.println("road       push GB/s  push+pull GB/s  round trip p50 us  p99 us  idle worker's CPU %");
            for (String road : List.of("artery", "aeron-ipc", "artery", "aeron-ipc")) {
                measure(road);
            }
        } else if (role[0].equals("server")) {
            serve(role[1]);
        } else {
            work(role[1], ServerAddress.parse(role[2]));
        }
    }

    private static void measure(String road) throws IOException, InterruptedException {
        Process server = start("server", road);
        try (BufferedReader output = server.inputReader(StandardCharsets.UTF_8)) {
            String address = output.lines()
                    .filter(line -> line.startsWith(AT))
                    .map(line -> line.substring(AT.length()))
                    .findFirst()
                    .orElseThrow();
            Process worker = start("worker", road, address);
            try (BufferedReader result = worker.inputReader(StandardCharsets.UTF_8)) {
                result.lines()
                        .filter(line -> line.startsWith(road)) // others are the log's
                        .findFirst()
                        .ifPresent(System.out::println);
            } finally {
                worker.destroyForcibly();
            }
        } finally {
            server.getOutputStream().close();
            server.waitFor();
        }
    }

    private static Process start(String... role) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(
                java,
                "-Xmx1g",
                "-XX:+UseParallelGC",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                RoadSpeed.class.getName()));
        command.addAll(Arrays.asList(role));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static Config config(String road) {
        return ConfigFactory.parseString("kvstore.server.port = 0\nkvstore.link.road = " + road
                        + "\nkvstore.server.embedded.akka.loglevel = WARNING")
                .withFallback(ConfigFactory.load());
    }

    private static void serve(String road) throws IOException {
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "kvstore", ClusterConfig.server(config(road)));
        Endpoints endpoints = Endpoints.get(system);
        new Server(endpoints);
        System.out.println(AT + endpoints.self().host() + ":" + endpoints.self().port());
        while (System.in.read() >= 0) {}
        system.terminate();
    }

    /** Answers as keys would, at once. */
    private static final class Server implements Receiver {
        private final DenseTensor value;
        private final Channel channel;

        Server(Endpoints endpoints) {
            value = endpoints.pool().zeros(DType.FLOAT32, Shape.of(FLOATS));
            channel = endpoints.serve(this, (from, settings) -> List.of(endpoints.self()));
        }

        @Override
        public void onItem(NodeId from, Item item) {
            ((Body.Request) item.body()).command().release();
            Key key = item.part().key();
            KeyReply reply = item.part().equals(BOTH)
                    ? new KeyReply.Value(key, item.call(), 1, value.retain())
                    : new KeyReply.Done(key, item.call(), 1);
            channel.submit(from, item.answer(new Body.Answer(reply)));
        }

        @Override
        public void onLost(NodeId peer, Item item) {
            throw new IllegalStateException("lost an answer on a road that loses nothing");
        }

        @Override
        public void onDead(NodeId peer) {}
    }

    private static void work(String road, ServerAddress address) throws Exception {
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "kvstore", ClusterConfig.client(config(road)));
        Endpoints endpoints = Endpoints.get(system);
        NodeId server = endpoints
                .connect(address, "", Duration.ofSeconds(30))
                .toCompletableFuture()
                .get()
                .from();
        try (Worker worker = new Worker(endpoints, server)) {
            DenseTensor slice = DenseTensor.zeros(DType.FLOAT32, Shape.of(FLOATS));
            KeyCommand push = new KeyCommand.Push(List.of(slice), Origin.none(), 0, null);
            for (int warm = 0; warm < 2; warm++) {
                worker.send(BOTH, push, FRAMES / 2, AT_ONCE);
                worker.send(PUSHED, push, FRAMES / 2, AT_ONCE);
                worker.send(SMALL, new KeyCommand.Pull(0, null), QUESTIONS / 2, 1);
            }
            double pushed = bytes(FRAMES) / seconds(worker.send(PUSHED, push, FRAMES, AT_ONCE));
            double both = 2 * bytes(FRAMES) / seconds(worker.send(BOTH, push, FRAMES, AT_ONCE));
            long[] trips = worker.send(SMALL, new KeyCommand.Pull(0, null), QUESTIONS, 1);
            Arrays.sort(trips);
            long before = cpuNanos();
            Thread.sleep(IDLE_MILLIS);
            double idle = (cpuNanos() - before) / (IDLE_MILLIS * 1e6);
            System.out.printf(
                    "%-10s %9.2f %15.2f %18.0f %7.0f %10.1f%n",
                    road,
                    pushed / 1e9,
                    both / 1e9,
                    trips[QUESTIONS / 2] / 1e3,
                    trips[QUESTIONS * 99 / 100] / 1e3,
                    100 * idle);
        }
        system.terminate();
    }

    /** Of this process. */
    private static long cpuNanos() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(Duration.ZERO)
                .toNanos();
    }

    private static double bytes(int frames) {
        return (double) frames * FLOATS * Float.BYTES;
    }

    private static double seconds(long[] trips) {
        return trips[trips.length - 1] / 1e9;
    }

    /** Sends requests one behind the other. */
    private static final class Worker implements Receiver, AutoCloseable {
        private final NodeId server;
        private final Channel channel;
        private final Semaphore room = new Semaphore(0);

        Worker(Endpoints endpoints, NodeId server) {
            this.server = server;
            this.channel = endpoints.open(this);
        }

        /** @return the time of each if one is sent at once, of all at the end, in nanoseconds */
        long[] send(Part part, KeyCommand command, int count, int atOnce) throws InterruptedException {
            long[] nanos = new long[count];
            room.release(atOnce);
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                room.acquire();
                long sent = System.nanoTime();
                channel.submit(server, new Item(channel.nextCall(), "speed", part, 0, new Body.Request(command)));
                if (atOnce == 1) {
                    room.acquire();
                    nanos[i] = System.nanoTime() - sent;
                    room.release();
                }
            }
            room.acquire(atOnce);
            nanos[count - 1] = atOnce == 1 ? nanos[count - 1] : System.nanoTime() - start;
            return nanos;
        }

        @Override
        public void onItem(NodeId from, Item item) {
            if (((Body.Answer) item.body()).reply() instanceof KeyReply.Value value) {
                value.value().release();
            }
            room.release();
        }

        @Override
        public void onLost(NodeId peer, Item item) {
            throw new IllegalStateException("lost a request on a road that loses nothing");
        }

        @Override
        public void onDead(NodeId peer) {
            throw new IllegalStateException(peer + " is dead");
        }

        @Override
        public void close() {
            channel.close();
        }
    }
}

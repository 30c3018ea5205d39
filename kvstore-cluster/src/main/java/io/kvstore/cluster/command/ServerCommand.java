package io.kvstore.cluster.command;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import io.kvstore.cluster.ClusterConfig;
import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.KVStoreServer;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.TlsFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs one server until it is asked to leave. */
@Command(
        name = "server",
        sortOptions = false,
        header = "Runs a server: keys live on it until it ends.",
        footer = {
            "",
            "Prints one line when it takes keys. SIGTERM or SIGINT makes it leave the cluster; one that still holds keys",
            "stays, and leaves if it is asked again within 10 seconds.",
            "",
            "Exit codes: 0 it left; 1 failed, the reason is on standard error; 2 a wrong option or setting, or one that",
            "differs from the other servers'; 3 the others went on without it, or it was left without their majority:",
            "start it again; 4 no seed node let it join within kvstore.server.join-timeout."
        })
final class ServerCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(ServerCommand.class);
    private static final long LEAVING_MILLIS = 5_000;

    @Mixin
    private ConfigOptions configuration;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "where to listen, as workers know it (kvstore.server.host, 127.0.0.1)")
    private String host;

    @Option(names = "--port", paramLabel = "PORT", description = "0 for any free one (kvstore.server.port, 25520)")
    private Integer port;

    @Option(
            names = "--seed",
            paramLabel = "HOST:PORT",
            split = ",",
            description = "a server of the cluster to join; none: begin a new cluster (kvstore.seed-nodes)")
    private List<String> seeds = List.of();

    @Option(
            names = "--servers",
            paramLabel = "N",
            description = "take keys once so many servers are there (kvstore.servers, 1)")
    private Integer servers;

    @Option(
            names = "--insecure",
            description = "listen beyond this machine although there is no TLS (kvstore.server.insecure)")
    private boolean insecure;

    @Option(names = "--force", description = "leave when asked, even with keys in it (kvstore.server.force)")
    private boolean force;

    @Option(names = "--json", description = "tell where it listens, and when it is ready, as lines of JSON")
    private boolean json;

    @Option(names = "--ends-with-input", hidden = true, description = "end when standard input does")
    private boolean endsWithInput;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Config loaded = configuration.load(options());
        ClusterSettings settings = ClusterSettings.of(loaded);
        Config config = ClusterConfig.server(loaded);
        Listening.requireSafe(settings.server(), config);
        TlsFiles.requireReadable(config);
        Listening.requireFree(settings.server().host(), settings.server().port());
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), ServerAddress.SYSTEM, config);
        Endings.tell(system, settings, spec.commandLine().getErr());
        KVStoreServer server = KVStoreServer.start(system, settings);
        ServerEvents events = new ServerEvents(spec.commandLine().getOut(), json);
        events.listening(server.address(), settings.job().servers());
        server.up().thenAccept(events::ready);
        boolean mayLoseKeys = settings.server().force();
        obey(
                server,
                new LeaveRequests(
                        server::status,
                        server::leave,
                        mayLoseKeys,
                        spec.commandLine().getErr()));
        if (settings.job().seedNodes().isEmpty()) {
            Cluster cluster = Cluster.get(system);
            cluster.manager().tell(Join.create(cluster.selfMember().address()));
        }
        new CountDownLatch(1).await(); // forever: the system's shutdown ends the JVM, for it knows the exit code
        return Exit.DONE;
    }

    private Map<String, Object> options() {
        Map<String, Object> options = new HashMap<>();
        if (host != null) {
            options.put("server.host", host);
        }
        if (port != null) {
            options.put("server.port", port);
        }
        if (!seeds.isEmpty()) {
            options.put("seed-nodes", seeds);
        }
        if (servers != null) {
            options.put("servers", servers);
        }
        if (insecure) {
            options.put("server.insecure", true);
        }
        if (force) {
            options.put("server.force", true);
        }
        return options;
    }

    private void obey(KVStoreServer server, LeaveRequests requests) {
        Signals.handle("TERM", signal -> requests.ask());
        if (endsWithInput) {
            Signals.handle("INT", signal -> {}); // Ctrl-C reaches launch too, which decides when servers end
            Thread watch = new Thread(() -> endWithInput(server), "kvstore-input");
            watch.setDaemon(true);
            watch.start();
        } else {
            Signals.handle("INT", signal -> requests.ask());
        }
    }

    /** Whoever started this server holds the other end of its input, and cannot end without closing it. */
    private static void endWithInput(KVStoreServer server) {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            log.info("standard input cannot be read, which counts as its end: {}", e.getMessage());
        }
        server.leave();
        try {
            Thread.sleep(LEAVING_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(Exit.DONE); // leaving needs the other servers, which may be gone already
    }
}

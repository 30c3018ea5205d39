package io.kvstore.examples.benchmarks.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Sends the bytes that a worker pushes through a socket of this machine to somebody who sends them back. */
final class EchoCeiling implements Ceiling.Mover {
    private static final int CHUNK = 1 << 20;

    private final long bytes;
    private final Path folder;
    private final SocketChannel client;
    private final CompletableFuture<Void> echo;
    private final ByteBuffer sent = ByteBuffer.allocateDirect(CHUNK);
    private final ByteBuffer received = ByteBuffer.allocateDirect(CHUNK);

    private EchoCeiling(Work work, StandardProtocolFamily family, SocketAddress address, Path folder)
            throws IOException {
        bytes = work.bytes() / 2;
        this.folder = folder;
        try (ServerSocketChannel server = ServerSocketChannel.open(family)) {
            server.bind(address);
            client = SocketChannel.open(server.getLocalAddress());
            SocketChannel peer = server.accept();
            echo = CompletableFuture.runAsync(() -> echo(peer), task -> new Thread(task, "echo").start());
        }
    }

    static EchoCeiling tcp(Work work) throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return new EchoCeiling(work, StandardProtocolFamily.INET, any, null);
    }

    static EchoCeiling unix(Work work) throws IOException {
        Path folder = Files.createTempDirectory("compare-");
        return new EchoCeiling(
                work, StandardProtocolFamily.UNIX, UnixDomainSocketAddress.of(folder.resolve("echo")), folder);
    }

    private static void echo(SocketChannel peer) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
        try (peer) {
            while (peer.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    peer.write(buffer);
                }
                buffer.clear();
            }
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    @Override
    public void round() throws IOException {
        CompletableFuture<Void> sending =
                CompletableFuture.runAsync(this::send, task -> new Thread(task, "send").start());
        long missing = bytes;
        while (missing > 0) {
            received.clear();
            int read = client.read(received);
            if (read < 0) {
                throw new IOException("the echo ended");
            }
            missing -= read;
        }
        sending.join();
    }

    private void send() {
        try {
            for (long left = bytes; left > 0; ) {
                sent.clear().limit((int) Math.min(CHUNK, left));
                left -= client.write(sent);
            }
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    @Override
    public void close() throws IOException {
        client.close();
        echo.join();
        if (folder != null) {
            Files.delete(folder.resolve("echo"));
            Files.delete(folder);
        }
    }
}

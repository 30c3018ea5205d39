package io.kvstore.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.cuda.sim.SimulatedDriver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StagingTest {
    private static final int CHUNK = 1000;
    private static final int CHUNKS = 3;

    private final ExecutorService copier = Executors.newFixedThreadPool(2);
    private final Completions completions = new Completions();
    private final List<AutoCloseable> open = new ArrayList<>();
    private SimulatedDriver driver;
    private Gpu gpu;
    private GpuStream uploads;
    private GpuStream downloads;
    private Staging staging;

    private void start(SimulatedDriver.Builder machine) {
        driver = machine.start();
        gpu = driver.open(0);
        uploads = gpu.newStream();
        downloads = gpu.newStream();
        staging = new Staging(gpu, completions, copier, CHUNKS, CHUNK);
    }

    @AfterEach
    void everythingIsGivenBackAndNothingWentWrong() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
        staging.close();
        uploads.close();
        downloads.close();
        gpu.close();
        completions.close();
        copier.shutdown();
        assertThat(copier.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(driver.faults()).isEmpty();
        assertThat(driver.leaks()).isEmpty();
        driver.close();
    }

    private CompletableFuture<Void> upload(byte[] bytes, long to) {
        CompletableFuture<Void> read = new CompletableFuture<>();
        staging.upload(
                uploads,
                (offset, into) -> into.put(bytes, (int) offset, into.remaining()),
                to,
                bytes.length,
                failure -> complete(read, failure));
        return read;
    }

    private CompletableFuture<byte[]> download(long from, int count) {
        byte[] bytes = new byte[count];
        CompletableFuture<Void> written = new CompletableFuture<>();
        staging.download(
                downloads,
                from,
                (offset, part) -> part.get(bytes, (int) offset, part.remaining()),
                count,
                failure -> complete(written, failure));
        return written.thenApply(done -> bytes);
    }

    private static void complete(CompletableFuture<Void> future, CudaException failure) {
        if (failure == null) {
            future.complete(null);
        } else {
            future.completeExceptionally(failure);
        }
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private void downloadsWaitForUploads() {
        GpuEvent event = gpu.newEvent();
        open.add(event);
        uploads.record(event);
        downloads.await(event);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 999, 1000, 1001, 2999, 100_003})
    void whatIsUploadedComesBackWhole(int length) throws Exception {
        start(SimulatedDriver.builder().seed(length));
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        long address = gpu.allocate(length + 1);
        get(upload(bytes, address));
        downloadsWaitForUploads();
        assertThat(get(download(address, length))).isEqualTo(bytes);
        gpu.free(address);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void manyTransfersShareTheChunks(long seed) throws Exception {
        start(SimulatedDriver.builder().seed(seed).slow(Duration.ofNanos(20_000)));
        Random random = new Random(seed);
        List<byte[]> values = new ArrayList<>();
        List<Long> addresses = new ArrayList<>();
        List<CompletableFuture<Void>> reads = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            byte[] bytes = new byte[1 + random.nextInt(5 * CHUNK)];
            random.nextBytes(bytes);
            values.add(bytes);
            addresses.add(gpu.allocate(bytes.length));
            reads.add(upload(bytes, addresses.get(i)));
        }
        assertThat(driver.pinnedBytes()).isEqualTo(CHUNKS * CHUNK);
        for (CompletableFuture<Void> read : reads) {
            get(read);
        }
        downloadsWaitForUploads();
        List<CompletableFuture<byte[]>> written = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            written.add(download(addresses.get(i), values.get(i).length));
        }
        for (int i = 0; i < values.size(); i++) {
            assertThat(get(written.get(i))).as("transfer %d, seed %d", i, seed).isEqualTo(values.get(i));
        }
        addresses.forEach(gpu::free);
    }

    @Test
    void hostMemoryThatThrowsFailsItsTransferAlone() throws Exception {
        start(SimulatedDriver.builder());
        long address = gpu.allocate(5 * CHUNK);
        CompletableFuture<Void> read = new CompletableFuture<>();
        HostSource closed = (offset, into) -> {
            throw new IllegalStateException("the array is closed");
        };
        staging.upload(uploads, closed, address, 5 * CHUNK, failure -> complete(read, failure));
        assertThatThrownBy(() -> get(read))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("the array is closed");
        CompletableFuture<Void> full = new CompletableFuture<>();
        HostSource fullHeap = (offset, into) -> {
            throw new OutOfMemoryError("the heap is full");
        };
        staging.upload(uploads, fullHeap, address, CHUNK, failure -> complete(full, failure));
        assertThatThrownBy(() -> get(full)).hasMessageContaining("the heap is full");
        byte[] bytes = {1, 2, 3};
        get(upload(bytes, address));
        downloadsWaitForUploads();
        assertThat(get(download(address, 3))).isEqualTo(bytes);
        gpu.free(address);
    }

    @Test
    void aLostDeviceFailsEveryTransferUnderWayAndLaterOnes() throws Exception {
        start(SimulatedDriver.builder().slow(Duration.ofMillis(2)));
        long address = gpu.allocate(20 * CHUNK);
        driver.gpu(0).loseAfter(4);
        List<CompletableFuture<Void>> transfers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            transfers.add(upload(new byte[10 * CHUNK], address));
        }
        CompletableFuture<byte[]> late = download(address, 10);
        for (CompletableFuture<Void> transfer : transfers.subList(1, transfers.size())) {
            assertThatThrownBy(() -> get(transfer)).hasMessageContaining("gpu(0)");
        }
        assertThatThrownBy(() -> get(late)).hasMessageContaining("gpu(0)");
    }

    @Test
    void closingWaitsForWhatIsUnderWay() throws Exception {
        start(SimulatedDriver.builder().slow(Duration.ofMillis(5)));
        long address = gpu.allocate(5 * CHUNK);
        CompletableFuture<byte[]> written = download(address, 5 * CHUNK);
        long other = gpu.allocate(CHUNK);
        CompletableFuture<Void> read = upload(new byte[CHUNK], other);
        staging.close();
        assertThat(driver.pinnedBytes()).isZero();
        get(written);
        get(read);
        gpu.free(address);
        gpu.free(other);
    }

    @Test
    void closingGivesUpWhenItIsInterrupted() throws Exception {
        start(SimulatedDriver.builder().slow(Duration.ofMillis(50)));
        long address = gpu.allocate(CHUNK);
        CompletableFuture<byte[]> written = download(address, CHUNK);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> staging.close())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("1 chunks");
        assertThat(Thread.interrupted()).isTrue();
        get(written);
        gpu.free(address);
    }

    @Test
    void anExecutorThatRefusesFailsTheTransfer() throws Exception {
        start(SimulatedDriver.builder());
        ExecutorService shut = Executors.newSingleThreadExecutor();
        shut.shutdown();
        Staging refusing = new Staging(gpu, completions, shut, CHUNKS, CHUNK);
        long address = gpu.allocate(CHUNK);
        for (int i = 0; i < 5; i++) {
            CompletableFuture<Void> read = new CompletableFuture<>();
            HostSource source = (offset, into) -> into.put(ByteBuffer.allocate(into.remaining()));
            refusing.upload(uploads, source, address, CHUNK, failure -> complete(read, failure));
            assertThatThrownBy(() -> get(read)).hasMessageContaining("Rejected");
        }
        refusing.close();
        gpu.free(address);
    }
}

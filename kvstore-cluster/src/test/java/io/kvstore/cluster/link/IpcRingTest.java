package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IpcRingTest {
    private static final int CAPACITY = 4096;

    @TempDir
    Path directory;

    private IpcRing writing;
    private IpcRing reading;

    @BeforeEach
    void open() throws IOException {
        writing = IpcRing.create(directory.resolve("ring"), CAPACITY);
        reading = IpcRing.open(directory.resolve("ring"));
    }

    @AfterEach
    void close() {
        reading.close();
        writing.close();
        assertThat(directory).isEmptyDirectory();
    }

    private static DenseTensor numbers(int from, int length) {
        DenseTensor tensor = DenseTensor.zeros(DType.FLOAT32, Shape.of(length));
        float[] data = (float[]) tensor.data();
        for (int i = 0; i < length; i++) {
            data[i] = from + i;
        }
        return tensor;
    }

    @Test
    void elementsThatPassTheEndArriveAsTheyWere() {
        for (int round = 0; round < 50; round++) {
            DenseTensor tensor = numbers(1000 * round, 700 + round);
            int bytes = IpcFormat.align((int) tensor.bytes()) + 64;
            writing.put(64, tensor);
            writing.written(bytes);

            DenseTensor copy = DenseTensor.zeros(DType.FLOAT32, tensor.shape());
            reading.get(64, copy);
            reading.taken(bytes);
            assertThat(copy).as("round %d", round).isEqualTo(tensor);
        }
        assertThat(reading.position()).isEqualTo(writing.position()).isGreaterThan(30L * CAPACITY);
    }

    @Test
    void hasRoomForItsCapacityUntilTheOtherEndHasTakenSome() {
        assertThat(writing.hasRoom(CAPACITY)).isTrue();
        assertThat(writing.hasRoom(CAPACITY + 1)).isFalse();
        writing.written(CAPACITY);
        assertThat(writing.hasRoom(1)).isFalse();
        reading.taken(192);
        assertThat(writing.hasRoom(192)).isTrue();
        assertThat(writing.hasRoom(193)).isFalse();
    }

    @Test
    void holdsOneMessageOfTheLargestSizeWhileAnotherIsRead() {
        for (int frameBytes : new int[] {1000, 1024, 1025, 1 << 20, (1 << 20) + 65_536}) {
            int capacity = IpcRing.capacity(frameBytes);
            assertThat(capacity).isBetween(2 * frameBytes, 4 * frameBytes);
            assertThat(Integer.bitCount(capacity)).isEqualTo(1);
        }
    }

    @Test
    void placeThatCannotBeMadeIsNamed() {
        Path nowhere = directory.resolve("ring").resolve("in a file");
        assertThatThrownBy(() -> IpcRing.create(nowhere, CAPACITY))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(nowhere.toString());
    }
}

package io.kvstore.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.actor.Layout;
import io.kvstore.cluster.sharding.Placement;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.Shape;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Group M, the cases about where an array is cut. */
class SlicingTest {
    private static final int ELEMENTS = 40_000; // what MXNet's P3 takes for one slice

    @ParameterizedTest
    @CsvSource({"0,1,0", "1,1,1", "39999,1,39999", "40000,1,40000", "40001,2,1", "100001,3,20001", "120000,3,40000"})
    void M01_slicesHaveTheSliceSizeAndTheLastOneTheRest(long length, int slices, int last) {
        Layout layout = layout(length, DType.FLOAT32);

        assertThat(layout.slices()).isEqualTo(slices);
        assertThat(layout.length(slices - 1)).isEqualTo(last);
        long next = 0;
        for (int slice = 0; slice < slices; slice++) {
            assertThat(layout.from(slice))
                    .as("first element of slice %d", slice)
                    .isEqualTo(next);
            next += layout.length(slice);
        }
        assertThat(next).isEqualTo(length);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void M02_exactlyOneSliceIsOneActorAndOneElementMoreIsTwo(DType dtype) {
        assertThat(layout(ELEMENTS, dtype).slices()).isEqualTo(1);
        assertThat(layout(ELEMENTS + 1, dtype).slices()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void M04_slicesOfFortyThousandElements(DType dtype) {
        Layout layout = layout(100_001, dtype);

        assertThat(IntStream.range(0, layout.slices()).map(layout::length)).containsExactly(40_000, 40_000, 20_001);
    }

    private static Layout layout(long length, DType dtype) {
        return new Placement("store", 256, ELEMENTS * dtype.bytes()).layout(Shape.of(length), dtype, false);
    }
}

package io.kvstore.examples.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import org.junit.jupiter.api.Test;

class ArraySetTest {
    @Test
    void resNet50Has161ArraysAnd25MillionFloats() {
        ArraySet arrays = ArraySet.of("resnet50");
        assertThat(arrays.size()).isEqualTo(161);
        assertThat(arrays.floats()).isEqualTo(25_557_032);
        assertThat(arrays.longest()).isEqualTo(512 * 512 * 9);
    }

    @Test
    void equalArraysAreNamedByNumberAndLength() {
        assertThat(ArraySet.of("3x16").lengths()).isEqualTo(Collections.nCopies(3, 16));
    }

    @Test
    void aWorkIsTheSameAfterItsWayThroughText() {
        Work work = Work.dist("dist_async", 2, 1, "resnet50");
        assertThat(Work.parse(work.text())).isEqualTo(work);
    }
}

package io.kvstore.cluster.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.Layout;
import io.kvstore.actor.Part;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.Shape;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementTest {
    private static final int MIB = 1024 * 1024;
    private final Placement placement = new Placement("default", 256, MIB);

    /** Computed apart from this code, in Python; a change here is a change of the protocol. */
    @Test
    void hashIsTheOneWrittenDown() {
        assertThat(Placement.hash("default", Key.of("weight"))).isEqualTo(-1961535884);
        assertThat(Placement.hash("default", Key.of(7))).isEqualTo(-793004560);
        assertThat(Placement.hash("default", Key.of("7"))).isEqualTo(-797124066);
        assertThat(Placement.hash("other", Key.of(7))).isEqualTo(-255364104);
        assertThat(Placement.hash("default", Key.of("größe"))).isEqualTo(957109522);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 256, 65536})
    void consecutiveSlicesAreInConsecutiveShards(int shards) {
        Placement placed = new Placement("default", shards, MIB);
        for (String name : new String[] {"weight", "bias", "größe"}) {
            int head = placed.shard(Part.head(Key.of(name)));
            assertThat(head).isBetween(0, shards - 1);
            for (int slice = 1; slice < 1000; slice++) {
                assertThat(placed.shard(new Part(Key.of(name), slice))).isEqualTo((head + slice) % shards);
            }
        }
    }

    @Test
    void fewKeysMeetOftenInNoShard() {
        Set<Integer> shards = new HashSet<>();
        for (int key = 0; key < 256; key++) {
            shards.add(placement.shard(Part.head(Key.of("layer" + key + "_weight"))));
        }
        assertThat(shards.size())
                .as("shards that 256 keys use; 162 expected of a fair hash")
                .isBetween(145, 180);
    }

    @Test
    void rowsOfARowSparseKeyStayWholeAndTravelWithTheirIds() {
        Layout narrow = placement.layout(Shape.of(1_000_000, 1), DType.FLOAT32, true);
        assertThat(narrow.length(0) * (4 + 8)).isLessThanOrEqualTo(MIB).isGreaterThan(MIB - 12);

        Layout wide = placement.layout(Shape.of(1000, 3000), DType.FLOAT32, true);
        assertThat(wide.length(0) % 3000).isZero();
        assertThat(wide.length(0) / 3000 * (3000 * 4 + 8)).isLessThanOrEqualTo(MIB);
    }

    @Test
    void rowThatFitsExactlyIsASliceAndOneByteMoreIsRefused() {
        Shape shape = Shape.of(5, 10);
        assertThat(new Placement("s", 256, 48)
                        .layout(shape, DType.FLOAT32, true)
                        .slices())
                .isEqualTo(5);
        assertThatThrownBy(() -> new Placement("s", 256, 47).layout(shape, DType.FLOAT32, true))
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining("48 bytes")
                .hasMessageContaining("kvstore.slice-bytes = 47")
                .extracting(e -> ((KVStoreException) e).reason())
                .isEqualTo(Reason.SHAPE_MISMATCH);
    }

    @Test
    void moreSlicesThanCanBeCountedAreRefused() {
        assertThatThrownBy(() -> new Placement("s", 256, 8).layout(Shape.of(1L << 40), DType.INT64, false))
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining("slices");
    }

    @Test
    void emptyAndScalarValuesAreHeadsAlone() {
        for (boolean rowSparse : new boolean[] {false, true}) {
            assertThat(placement
                            .layout(Shape.of(0, 4), DType.FLOAT32, rowSparse)
                            .slices())
                    .isEqualTo(1);
            assertThat(placement
                            .layout(Shape.of(4, 0), DType.FLOAT32, rowSparse)
                            .slices())
                    .isEqualTo(1);
        }
        assertThat(placement.layout(Shape.of(), DType.FLOAT64, false).slices()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"w", "a:b:c", "0:default:sx", "line\nbreak", "größe", " ", "i7"})
    void entityIdsOfStringKeysReadBack(String name) {
        EntityId id = new EntityId("my.store-1", new Part(Key.of(name), 12));
        assertThat(EntityId.parse(id.toString())).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 7, -1, Long.MAX_VALUE, Long.MIN_VALUE})
    void entityIdsOfIntegerKeysReadBack(long number) {
        EntityId id = new EntityId("default", Part.head(Key.of(number)));
        assertThat(EntityId.parse(id.toString())).isEqualTo(id);
        assertThat(id.toString()).isNotEqualTo(new EntityId("default", Part.head(Key.of("" + number))).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "w",
                "0:default:",
                "0:default:i",
                "0:default:ix",
                "0:default:i07",
                "00:default:sw",
                "-1:d:sw",
                "9999999999:d:sw",
                "0::sw",
                "0:d:xw"
            })
    void textThatIsNoEntityIdIsRefused(String text) {
        assertThatThrownBy(() -> EntityId.parse(text))
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining("'" + text + "'");
    }
}

package io.kvstore.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    private static final Key A = Key.of("a");
    private static final Key B = Key.of("b");

    @Test
    void keysAreNumbersStringsOrKeys() {
        Session any = session(null);
        assertThat(Arguments.keys("push", List.of(1, 2L, (short) 3, (byte) 4, Key.of(5)), any))
                .containsExactly(Key.of(1), Key.of(2), Key.of(3), Key.of(4), Key.of(5));
        assertThat(Arguments.keys("push", List.of("a", B, "a"), any)).containsExactly(A, B, A);
    }

    @Test
    void otherKeysAreRefusedByTheirPosition() {
        Session any = session(null);
        assertRefused(
                Reason.INVALID_ARGUMENT,
                "pull: keys[1] must be an int, a String or a Key, given java.lang.Double",
                () -> Arguments.keys("pull", List.of(1, 2.0), any));
        assertRefused(
                Reason.INVALID_ARGUMENT,
                "pull: keys[0] must be an int, a String or a Key, given null",
                () -> Arguments.keys("pull", Arrays.asList((Object) null), any));
        assertRefused(Reason.INVALID_ARGUMENT, "pull: keys must not be null", () -> Arguments.keys("pull", null, any));
    }

    @Test
    void keysOfTwoKindsAreRefused() {
        assertRefused(
                Reason.MIXED_KEY_KINDS,
                "push: keys[0] is the integer 1 and keys[2] is the string 'a'; one call takes keys of one kind",
                () -> Arguments.keys("push", List.of(1, 2, "a"), session(null)));
        assertRefused(
                Reason.MIXED_KEY_KINDS,
                "key 'a': push with a key of the wrong kind: this store holds integer keys, given the string 'a'",
                () -> Arguments.keys("push", List.of("a"), session(true)));
    }

    @Test
    void aRepeatedKeyIsNotUnique() {
        assertThat(Arguments.unique("init", List.of(B, A))).containsExactly(B, A);
        assertRefused(
                Reason.ALREADY_INITIALIZED,
                "key 'a': init is given the key twice; give it once",
                () -> Arguments.unique("init", List.of(A, B, A)));
    }

    @Test
    void allArraysOfAKeyAreGroupedUnderItWithTheirPlaces() {
        Map<Key, List<Arguments.Item>> groups =
                Arguments.grouped("push", List.of(B, A, B), "values", List.of("x", List.of("y", "z"), List.of("u")));
        assertThat(groups.keySet()).containsExactly(B, A);
        assertThat(groups.get(B))
                .containsExactly(new Arguments.Item("x", "values", 0, -1), new Arguments.Item("u", "values", 2, 0));
        assertThat(groups.get(A))
                .containsExactly(new Arguments.Item("y", "values", 1, 0), new Arguments.Item("z", "values", 1, 1));
    }

    @Test
    void listsThatDoNotMatchAreRefused() {
        assertRefused(
                Reason.INVALID_ARGUMENT,
                "pull expects as many outs as keys, given 2 keys and 1 outs",
                () -> Arguments.grouped("pull", List.of(A, B), "outs", List.of("x")));
        assertRefused(
                Reason.INVALID_ARGUMENT,
                "key 'b': push expects at least one array in values[1], given none",
                () -> Arguments.grouped("push", List.of(A, B), "values", List.of("x", List.of())));
        assertRefused(
                Reason.INVALID_ARGUMENT,
                "push: values must not be null",
                () -> Arguments.grouped("push", List.of(A), "values", null));
    }

    @Test
    void whatIsNoArrayIsNamedWithItsPlace() {
        Arguments.Item item = new Arguments.Item("text", "values", 3, -1);
        assertThat(Arguments.notAnArray("push", A, item))
                .hasMessage("key 'a': push: values[3] must be an INDArray or a RowSparse, given java.lang.String");
        assertThat(Arguments.at("push", A, item, new KVStoreException(Reason.ARRAY_CLOSED, "it was closed")))
                .hasMessage("key 'a': push, values[3]: it was closed");
    }

    private static void assertRefused(Reason reason, String message, ThrowingCallable call) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, call);
        assertThat(refusal).hasMessage(message);
        assertThat(refusal.reason()).isEqualTo(reason);
    }

    /** A session of a store with keys of one kind, or of none yet. */
    private static Session session(Boolean integers) {
        return (Session) Proxy.newProxyInstance(
                Session.class.getClassLoader(), new Class<?>[] {Session.class}, (p, m, args) -> switch (m.getName()) {
                    case "admits" -> integers == null || integers == ((Key) args[0]).isInteger();
                    case "kind" -> integers == null ? "no" : integers ? "integer" : "string";
                    default -> throw new UnsupportedOperationException(m.getName());
                });
    }
}

package io.kvstore.actor;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;

/** A road between parts for tests: what is told waits until it is delivered, or is lost, repeated and overtaken by a seed. */
final class LossyPost implements PartPost {
    private record Letter(Part to, PartMail mail) {}

    private final List<Letter> underway = new ArrayList<>();
    private final BiConsumer<Part, PartMail> receiver;
    private final Random chance;
    private BiPredicate<Part, PartMail> lost = (to, mail) -> false;

    /** @param chance null for a road in order that loses nothing */
    LossyPost(Random chance, BiConsumer<Part, PartMail> receiver) {
        this.chance = chance;
        this.receiver = receiver;
    }

    /** From now on loses what the predicate says. */
    void lose(BiPredicate<Part, PartMail> which) {
        lost = which;
    }

    @Override
    public void tell(Part to, PartMail mail) {
        if (lost.test(to, mail) || chance != null && chance.nextInt(4) == 0) {
            return;
        }
        underway.add(new Letter(to, mail));
        if (chance != null && chance.nextInt(4) == 0) {
            underway.add(new Letter(to, mail));
        }
    }

    /** Delivers all that is under way, and what that causes. */
    void deliverAll() {
        while (deliverOne()) {}
    }

    /** Delivers one message; false if there is none. */
    boolean deliverOne() {
        if (underway.isEmpty()) {
            return false;
        }
        Letter next = underway.remove(chance == null ? 0 : chance.nextInt(underway.size()));
        receiver.accept(next.to, next.mail);
        return true;
    }
}

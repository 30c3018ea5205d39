package io.kvstore.cluster.sharding;

import io.kvstore.cluster.link.Item;
import io.kvstore.cluster.link.NodeId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The requests that keys of this node have not answered, by the numbers under which the keys know them. A request that is
 * sent again has its first number, so that one answer settles both. Any thread may use it.
 */
final class Asked {
    /** Who asked, and for what; the item's body is not kept. */
    record Request(NodeId from, Item item) {}

    private record Name(NodeId from, long call) {}

    private final Map<Name, Long> numbers = new ConcurrentHashMap<>();
    private final Map<Long, Request> requests = new ConcurrentHashMap<>();
    private final AtomicLong last = new AtomicLong();

    /** The number of a request that came. */
    long add(NodeId from, Item item) {
        long number = numbers.computeIfAbsent(new Name(from, item.call()), name -> last.incrementAndGet());
        requests.put(
                number, new Request(from, new Item(item.call(), item.store(), item.part(), item.priority(), null)));
        return number;
    }

    /** The request of that number, or null. */
    Request find(long number) {
        return requests.get(number);
    }

    /** The request was answered for good; it, or null. */
    Request remove(long number) {
        Request request = requests.remove(number);
        if (request != null) {
            numbers.remove(new Name(request.from, request.item.call()));
        }
        return request;
    }

    /** Forgets what a node has asked. */
    void forget(NodeId node) {
        requests.forEach((number, request) -> {
            if (request.from.equals(node)) {
                remove(number);
            }
        });
    }

    int size() {
        return requests.size();
    }
}

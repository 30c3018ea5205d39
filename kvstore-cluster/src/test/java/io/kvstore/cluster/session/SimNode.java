package io.kvstore.cluster.session;

/** A server node in one of its lives. */
record SimNode(int place, int life) {
    @Override
    public String toString() {
        return "server-" + place + "/" + life;
    }
}

package io.kvstore.cluster.coordinator;

/**
 * A member as servers remember it: with what it takes to recognise its repeated requests.
 *
 * @param client the worker process
 * @param call the process's request that was registered
 * @param configCall the last request of this life for a configuration that was decided; 0 for none
 * @param configVersion what it led to
 */
record Seat(Member member, long client, long call, long configCall, long configVersion) {

    Seat in(Member.State state) {
        return new Seat(
                new Member(member.name(), member.rank(), member.incarnation(), state),
                client,
                call,
                configCall,
                configVersion);
    }

    Seat configured(long newCall, long version) {
        return new Seat(member, client, call, newCall, version);
    }
}

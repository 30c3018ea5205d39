/** Real JVMs for tests: started with the test's class path, told apart by process id, paused, killed and always ended. */
package io.kvstore.cluster.jvm;

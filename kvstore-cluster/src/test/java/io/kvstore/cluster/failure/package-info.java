/**
 * What becomes of a training when workers or servers die, pause, come back or misbehave: each without a hang, asserted with
 * limits. Real processes where a process's death is the point; several actor systems in one JVM otherwise.
 */
package io.kvstore.cluster.failure;

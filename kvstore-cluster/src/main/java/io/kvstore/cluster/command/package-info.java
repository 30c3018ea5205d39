/**
 * The command line, {@code kvstore server | launch | status | doctor}.
 *
 * <pre>
 *   launch ─┬─ starts ──► server 0 ── "listening" ──► its address is the seed of the others
 *           ├─ starts ──► server 1.. ── "ready" each
 *           ├─ starts ──► COMMAND, once per worker, told by environment variables where the servers are
 *           │               stdout and stderr, line by line ──► "[worker 1] .."
 *           └─ ends the servers when all workers have ended: their standard input closes
 *
 *   status, doctor ── StatusClient, without joining ──► servers
 * </pre>
 *
 * <p>Errors are one line on standard error; {@link io.kvstore.cluster.command.Exit} lists the exit codes.
 */
package io.kvstore.cluster.command;

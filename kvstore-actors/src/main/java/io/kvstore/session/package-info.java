/**
 * The caller's side of a store: from a call with arrays to messages, and from replies back to arrays.
 *
 * <pre>
 *   SessionKVStore (waits)  SessionAsyncKVStore (stages)
 *          │                        │
 *          └───────► Requests ◄─────┘        open? may block? arguments right? an earlier failure unseen?
 *                       │
 *      Initialising, Pushing,
 * Pulling, PullingRows                  the call checked as a whole, then captured or lent, then sent
 *                       │   ▲
 *             KeyCommand│   │KeyReply        Session: one Call per request, matched by id
 *                       ▼   │
 *                     key actors
 * </pre>
 *
 * <p>A call is refused before anything of it is sent, or not at all: what goes wrong later is a reply. Captured pushes
 * count against a byte budget; waits are bounded and explained.
 */
package io.kvstore.session;

/**
 * Checks and measures device stores where nothing but Java is: the cases of the conformance tests and seeded random histories,
 * spoken in key commands over tensors. Nothing here, and nothing that it needs, touches ND4J.
 *
 * <pre>
 * Check ──► DeviceGroups ──► Cases ──► Store ──► StoreActor, KeyActor, devices
 *   │                    └─► Histories ──┘             ▲
 *   └─► Report: lines, results.txt, results.json       └ compared with the host's arithmetic, and with a store on the host
 * </pre>
 */
package io.kvstore.examples.gpu;

/**
 * Files that the store writes: optimizer states, and whatever is to be written whole or not at all.
 *
 * <p><b>A states file</b>, format 1. Integers are little-endian two's complement; a <i>text</i> is an int32, its length in
 * bytes, and as many bytes of UTF-8; a <i>type</i> is one byte, {@link io.kvstore.tensor.DType#code}; a <i>checksum</i>
 * is an int32, the CRC-32C (Castagnoli) of all bytes since the last one.
 *
 * <pre>
 *   head
 *     8 bytes    "KVSTATES"
 *     int32      format: 1
 *     text       name of the optimizer's rule
 *     int32      the rule's state tensors of each key
 *     byte       multi_precision: 1 if 16-bit keys have a float32 master copy as their first state, else 0
 *     text       the optimizer as JSON, as {@link io.kvstore.optimizer.Optimizer#toJson} has it; empty if not dumped
 *     int32      number of keys
 *     checksum
 *   for each key
 *     byte       kind: 0 integer, 1 string
 *     int64 or text   the key
 *     type       of the key's value
 *     int32      rank of its shape
 *     int64 ..   extents, outermost first
 *     int64      updates that the states have seen
 *     int32      number of states: 0 if there were no updates
 *     type ..    of each state
 *     checksum
 *     for each state, of the key's shape
 *       elements in row-major order, 16-bit floats as their bits
 *       checksum
 * </pre>
 *
 * Nothing follows. Keys are sorted, so that equal states give equal files. A reader checks every size against what is left
 * of the file before it takes memory for it, and every checksum before it believes a number.
 */
package io.kvstore.files;

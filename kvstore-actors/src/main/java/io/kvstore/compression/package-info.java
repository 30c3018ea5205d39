/**
 * Gradients in fewer bytes.
 *
 * <pre>
 *   sender                                              receiver
 *   gradient ──► + ──► GradientCodec.Encoder ──► EncodedTensor ──► Decoding ──► sum of the key
 *                ▲          │ codec, shape, payload     │ codec known? payload of the right size? indices in range?
 *                └──────────┘                           └ if not: refused with a reason
 *       Residuals: what was not sent,
 *       for each key and device
 * </pre>
 *
 * <p>{@link io.kvstore.compression.GradientCompression} says which codec, and is all that users see. 1bit and 2bit are
 * MXNet's to the bit: arithmetic, packing, sizes, residuals. fp16 and topk share their interface.
 *
 * <p>Different from MXNet on purpose: unknown names in a dictionary are refused; a threshold travels as exact digits (MXNet:
 * six decimals); compression can be switched off; a push may have another number of devices than the one before; gradients
 * that are not finite are refused (MXNet: such an element never moves again). On {@code device}, MXNet fails in the midst of
 * a push for other types than float32 and for row-sparse gradients; here the call is refused.
 */
package io.kvstore.compression;

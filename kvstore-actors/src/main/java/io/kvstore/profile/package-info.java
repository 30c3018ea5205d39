/**
 * What a store's keys do and how long it takes, as a trace.
 *
 * <pre>
 *   Profile ── active? ──► Recording ◄── Span.end ── key and device actors
 *  (on, off, paused)          │ at most so many TraceEvents
 *                             └──► TraceWriter ──► JSON in the Trace Event Format
 * </pre>
 *
 * A recording is written to any {@link java.io.Writer}, so that a trace can travel before it becomes a file.
 */
package io.kvstore.profile;

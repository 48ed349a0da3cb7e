/**
 * Requests that need not be computed, because the same was computed before, or is being computed.
 * Off unless configured, and then on the way from {@link dev.nagare.streaming.batch.Questions} to
 * the batcher, so that it is of one model and version, whichever door asks.
 *
 * <p>Read {@link dev.nagare.streaming.reuse.KnownAnswers} first, then {@link
 * dev.nagare.streaming.reuse.SharedAnswers}.
 */
@NullMarked
package dev.nagare.streaming.reuse;

import org.jspecify.annotations.NullMarked;

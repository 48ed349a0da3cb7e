/**
 * From a request to an answer: one queue for all doors, lanes that take batches from it, and the
 * snapshot that answers.
 *
 * <p>Read {@link dev.nagare.streaming.batch.Batcher} first, then {@link
 * dev.nagare.streaming.batch.Admission}, which says who is let in, {@link
 * dev.nagare.streaming.batch.Order} and {@link dev.nagare.streaming.batch.Schedule}, which say
 * whose turn it is, and {@link dev.nagare.streaming.batch.Publication}.
 */
@NullMarked
package dev.nagare.streaming.batch;

import org.jspecify.annotations.NullMarked;

/**
 * Streams in, answers and learning out: the micro-batcher, the learner, publication and
 * checkpoints.
 *
 * <p>Read {@link dev.nagare.streaming.ModelService} first: it is what the server's doors see. Kafka
 * types stay in {@code dev.nagare.streaming.kafka}.
 */
@NullMarked
package dev.nagare.streaming;

import org.jspecify.annotations.NullMarked;

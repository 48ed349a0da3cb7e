/**
 * Topics in and out, and the only place that knows Kafka's types: records come as {@link
 * reactor.core.publisher.Flux} of whole batches from a thread that never stops polling, and leave
 * through a writer that never blocks who calls it.
 *
 * <p>Read {@link dev.nagare.streaming.kafka.KafkaCluster} first, then {@link
 * dev.nagare.streaming.kafka.Candidacy}, by which one process of many does what only one may do.
 */
@NullMarked
package dev.nagare.streaming.kafka;

import org.jspecify.annotations.NullMarked;

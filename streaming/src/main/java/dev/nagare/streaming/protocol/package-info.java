/**
 * The Open Inference Protocol's messages, as every door of the server speaks them: HTTP, WebSocket
 * and Kafka share one decoder and one set of refusals.
 *
 * <p>Read {@link dev.nagare.streaming.protocol.InferenceRequest} first.
 */
@NullMarked
package dev.nagare.streaming.protocol;

import org.jspecify.annotations.NullMarked;

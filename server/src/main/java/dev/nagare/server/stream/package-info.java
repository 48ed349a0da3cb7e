/**
 * The WebSocket {@code /v2/stream}: learning as it happens, predictions, events and labels, in JSON
 * or with tensors as bytes (see {@code docs/websocket.md}).
 *
 * <p>Read {@link dev.nagare.server.stream.StreamRoute} first. A model has one history of its newest
 * events, and each subscription one place in it: a client that is slow, gives few credits or comes
 * back later is behind, and what the history has no more it misses and is told how many. Nothing
 * waits for a socket and no socket holds more than its write queue.
 */
@NullMarked
package dev.nagare.server.stream;

import org.jspecify.annotations.NullMarked;

/**
 * The WebSocket {@code /v2/stream}: learning as it happens, and predictions, in JSON text frames
 * (see {@code docs/websocket.md}).
 *
 * <p>Read {@link dev.nagare.server.stream.StreamRoute} first. Events are encoded once and sent to
 * every socket that keeps up; one that does not misses events and is told how many. Nothing waits
 * for a socket and no socket holds more than its write queue.
 */
@NullMarked
package dev.nagare.server.stream;

import org.jspecify.annotations.NullMarked;

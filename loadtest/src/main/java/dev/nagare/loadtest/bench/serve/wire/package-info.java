/**
 * A load generator that leaves the server all the work: one thread, non-blocking sockets, requests
 * that are bytes already, answers that are counted and not decoded.
 *
 * <p>Read {@link dev.nagare.loadtest.bench.serve.wire.Generator} first. Nothing here knows what is
 * in a request. {@code nagare load} has another one, for people: it builds its requests anew and
 * reaches a tenth of the rate.
 */
@NullMarked
package dev.nagare.loadtest.bench.serve.wire;

import org.jspecify.annotations.NullMarked;

/**
 * The HTTP door: the Open Inference Protocol's paths, one route per file.
 *
 * <p>Read {@link dev.nagare.server.http.HttpDoor} first. Everything here runs on one event loop and
 * never blocks it: decoding is pure computing and {@code infer} only queues.
 */
@NullMarked
package dev.nagare.server.http;

import org.jspecify.annotations.NullMarked;

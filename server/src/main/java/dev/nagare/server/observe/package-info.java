/**
 * What is told of each request, whatever door it came by: metrics, a line in the log, a trace.
 *
 * <p>Read {@link dev.nagare.server.observe.Requests} first, then {@link
 * dev.nagare.server.observe.Tracing}.
 */
@NullMarked
package dev.nagare.server.observe;

import org.jspecify.annotations.NullMarked;

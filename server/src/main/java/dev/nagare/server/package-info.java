/**
 * The process: wires the doors to the streaming side, starts them in order and drains them.
 *
 * <p>Read {@link dev.nagare.server.Server} first. Micronaut's annotations stay in this package; the
 * packages below are plain Java and Vert.x.
 */
@NullMarked
package dev.nagare.server;

import org.jspecify.annotations.NullMarked;

/**
 * What the server is measured against, each the main class of a process of its own: bare Vert.x,
 * written to be as quick as it can be.
 *
 * <p>Read {@link dev.nagare.loadtest.bench.serve.peer.HttpEcho} first.
 */
@NullMarked
package dev.nagare.loadtest.bench.serve.peer;

import org.jspecify.annotations.NullMarked;

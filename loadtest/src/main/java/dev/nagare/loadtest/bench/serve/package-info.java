/**
 * The suite {@code serve}: what the server costs, and what it does when too much is asked of it.
 *
 * <p>The server has core 0 and nothing else; the load comes from this process, which moves to core
 * 1. Read {@link dev.nagare.loadtest.bench.serve.ServeSuite} first, then {@link
 * dev.nagare.loadtest.bench.serve.ServeStage}; for work that comes by topic {@link
 * dev.nagare.loadtest.bench.serve.DeliveryPrice}.
 */
@NullMarked
package dev.nagare.loadtest.bench.serve;

import org.jspecify.annotations.NullMarked;

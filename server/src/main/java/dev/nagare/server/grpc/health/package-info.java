/**
 * The standard health service, which probes and balancers ask, and which tells watchers of changes.
 *
 * <p>Read {@code Health} first: what both calls say.
 */
@NullMarked
package dev.nagare.server.grpc.health;

import org.jspecify.annotations.NullMarked;

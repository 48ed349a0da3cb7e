/**
 * Calls that ask for predictions, one by one or as a stream. The way that has to be quick.
 *
 * <p>Read {@code Inference} first, which both calls share.
 */
@NullMarked
package dev.nagare.server.grpc.inference;

import org.jspecify.annotations.NullMarked;

/**
 * One call of gRPC, whatever is asked: its messages, its deadline, its caller and its end, so that
 * a method says only what it does.
 *
 * <p>Read {@link dev.nagare.server.grpc.call.Call} first, then {@link
 * dev.nagare.server.grpc.call.Errands}, by which most of them reach a model.
 */
@NullMarked
package dev.nagare.server.grpc.call;

import org.jspecify.annotations.NullMarked;

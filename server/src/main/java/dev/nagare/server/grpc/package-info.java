/**
 * The gRPC door: the Open Inference Protocol's service with the calls that clients of Triton use
 * beside it, a service of ours that teaches models, the standard health service and reflection, on
 * a listener of their own. One method, one file.
 *
 * <p>Read {@link dev.nagare.server.grpc.GrpcDoor} first, then {@code Call}.
 */
@NullMarked
package dev.nagare.server.grpc;

import org.jspecify.annotations.NullMarked;

/**
 * The gRPC door: the Open Inference Protocol's service with the calls that clients of Triton use
 * beside it, a service of ours that teaches models, the standard health service and reflection, on
 * a listener of their own.
 *
 * <p>Read {@link dev.nagare.server.grpc.GrpcDoor} first. A call comes by the {@code gate}, is a
 * {@code call} from then on, and is taken by a method of {@code inference}, {@code models}, {@code
 * learning} or {@code health}.
 */
@NullMarked
package dev.nagare.server.grpc;

import org.jspecify.annotations.NullMarked;

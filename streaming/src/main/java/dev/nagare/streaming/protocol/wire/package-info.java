/**
 * The protobuf messages of the gRPC door, generated from {@code src/main/proto}: the Open Inference
 * Protocol's own, those that clients of Triton use beside it, those that teach a model, and the
 * standard health service's.
 *
 * <p>Read {@code open_inference_grpc.proto} first, then {@link
 * dev.nagare.streaming.protocol.ProtocolMessages}.
 */
@NullMarked
package dev.nagare.streaming.protocol.wire;

import org.jspecify.annotations.NullMarked;

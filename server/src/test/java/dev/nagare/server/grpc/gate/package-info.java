/** Tests of the gRPC door. */
@NullMarked
package dev.nagare.server.grpc.gate;

import org.jspecify.annotations.NullMarked;

/** Tests of the gRPC door. */
@NullMarked
package dev.nagare.server.grpc;

import org.jspecify.annotations.NullMarked;

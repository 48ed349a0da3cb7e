/** Tests of this package. */
@NullMarked
package dev.nagare.server.grpc.call;

import org.jspecify.annotations.NullMarked;

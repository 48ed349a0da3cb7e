package dev.nagare.server.grpc.call;

import io.vertx.grpc.common.GrpcStatus;

/** What gRPC calls the statuses that the doors have in common, which are those of HTTP. */
public final class Statuses {
  private Statuses() {}

  /** The number of gRPC's status for an HTTP status. */
  public static long code(int http) {
    return http < 300 ? GrpcStatus.OK.code : of(http).code;
  }

  /** The gRPC status for an HTTP status that is no success. */
  public static GrpcStatus of(int http) {
    return switch (http) {
      case 400, 405, 415, 422 -> GrpcStatus.INVALID_ARGUMENT;
      case 401 -> GrpcStatus.UNAUTHENTICATED;
      case 403 -> GrpcStatus.PERMISSION_DENIED;
      case 404 -> GrpcStatus.NOT_FOUND;
      case 409 -> GrpcStatus.ALREADY_EXISTS;
      case 413, 429 -> GrpcStatus.RESOURCE_EXHAUSTED;
      case 499 -> GrpcStatus.CANCELLED;
      case 501 -> GrpcStatus.UNIMPLEMENTED;
      case 503 -> GrpcStatus.UNAVAILABLE;
      case 504 -> GrpcStatus.DEADLINE_EXCEEDED;
      default -> GrpcStatus.INTERNAL;
    };
  }
}

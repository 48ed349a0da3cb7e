package dev.nagare.server.grpc.call;

/** The services of the door, with their packages. */
public final class ServiceNames {
  /** The protocol's service. */
  public static final String INFERENCE = "inference.GRPCInferenceService";

  /** The service that teaches models. */
  public static final String LEARNING = "nagare.v1.Learning";

  /** The standard health service. */
  public static final String HEALTH = "grpc.health.v1.Health";

  private ServiceNames() {}
}

package dev.nagare.server.grpc.learning;

import dev.nagare.server.grpc.call.Errands;
import dev.nagare.server.grpc.call.GrpcMethod;
import java.util.List;

/** The calls that teach models, and that say what they have learned from. */
public final class TeachingMethods {
  private TeachingMethods() {}

  /**
   * All of them.
   *
   * @param errands the way to the models
   */
  public static List<GrpcMethod> all(Errands errands) {
    return List.of(
        new Learn(errands),
        new Labels(errands),
        new Snapshots(errands.serving()),
        new Rollback(errands),
        new LineageMethod(errands.serving()));
  }
}

package dev.nagare.server.grpc.health;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.server.grpc.call.LastingCalls;
import io.vertx.core.Vertx;
import java.util.List;

/** The calls of the standard health service. */
public final class HealthMethods {
  private HealthMethods() {}

  /**
   * All of them.
   *
   * @param serving asked
   * @param vertx for timers
   * @param lasting calls that a stop has to end
   */
  public static List<GrpcMethod> all(Serving serving, Vertx vertx, LastingCalls lasting) {
    var health = new Health(serving);
    return List.of(new HealthCheck(health), new HealthWatch(health, vertx, lasting));
  }
}

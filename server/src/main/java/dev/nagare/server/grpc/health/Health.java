package dev.nagare.server.grpc.health;

import dev.nagare.server.admission.Readiness;
import dev.nagare.server.admission.Serving;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.streaming.protocol.wire.HealthCheckResponse;
import dev.nagare.streaming.protocol.wire.HealthCheckResponse.ServingStatus;
import java.util.Set;

/**
 * How the services are, as readiness says it: one answer for all of them.
 *
 * @param serving asked
 */
record Health(Serving serving) {
  /** The empty name is the process. */
  private static final Set<String> KNOWN =
      Set.of("", ServiceNames.INFERENCE, ServiceNames.LEARNING, ServiceNames.HEALTH);

  /** Whether there is a service of that name. */
  static boolean knows(String service) {
    return KNOWN.contains(service);
  }

  /** How it is now. */
  ServingStatus now() {
    return Readiness.of(serving).ready() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  /** As a message. */
  static HealthCheckResponse message(ServingStatus status) {
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }
}

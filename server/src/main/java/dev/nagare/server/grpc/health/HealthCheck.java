package dev.nagare.server.grpc.health;

import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.wire.HealthCheckRequest;

/**
 * {@code Check} of the standard health service: what probes of Kubernetes ask.
 *
 * @param health asked
 */
record HealthCheck(Health health) implements GrpcMethod {
  @Override
  public String name() {
    return "Check";
  }

  @Override
  public void begin(Call call) {
    call.one(
        HealthCheckRequest.parser(),
        asked -> {
          if (!Health.knows(asked.getService())) {
            throw new ProtocolException(
                404,
                "there is no service '"
                    + asked.getService()
                    + "' here; expected '' or "
                    + ServiceNames.INFERENCE);
          }
          call.answer(Health.message(health.now()));
        });
  }
}

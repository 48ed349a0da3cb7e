package dev.nagare.server.grpc.learning;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.Errands;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.server.http.Json;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.wire.RollbackRequest;
import dev.nagare.streaming.protocol.wire.RollbackResponse;

/**
 * {@code Rollback}: takes the model back to a snapshot, by a record in the log that it learns from.
 *
 * @param errands the way to the models
 */
record Rollback(Errands errands) implements GrpcMethod {
  @Override
  public String name() {
    return "Rollback";
  }

  @Override
  public void begin(Call call) {
    call.one(
        RollbackRequest.parser(),
        asked ->
            errands.ask(
                call,
                ServiceNames.LEARNING,
                asked.getModelName(),
                model -> model.rollBack(body(asked.getVersion())),
                Rollback::message));
  }

  private static byte[] body(String version) {
    return Json.object(out -> out.writeStringField("version", version)).getBytes(UTF_8);
  }

  private static RollbackResponse message(InferenceResponse answer) {
    return RollbackResponse.newBuilder()
        .setModelName(answer.modelName())
        .setReceipt(text(answer, "receipt"))
        .setPending(answer.parameters().containsKey("pending"))
        .setVersion(text(answer, "version"))
        .setRolledBackTo(text(answer, "rolled_back_to"))
        .build();
  }

  private static String text(InferenceResponse answer, String parameter) {
    Object value = answer.parameters().get(parameter);
    return value == null ? "" : value.toString();
  }
}

package dev.nagare.server.grpc;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.http.Answers;
import dev.nagare.streaming.ModelControl;
import dev.nagare.streaming.protocol.wire.RepositoryModelLoadRequest;
import dev.nagare.streaming.protocol.wire.RepositoryModelLoadResponse;
import io.vertx.core.Context;
import org.jspecify.annotations.Nullable;

/**
 * {@code RepositoryModelLoad}: loads the newest version of a model as it lies in the repository's
 * folder; answered when it is done.
 *
 * @param serving whose models these are
 * @param loop of the doors
 */
record RepositoryModelLoad(Serving serving, Context loop) implements GrpcMethod {
  @Override
  public String name() {
    return "RepositoryModelLoad";
  }

  @Override
  public void begin(Call call) {
    call.one(
        RepositoryModelLoadRequest.parser(),
        asked -> {
          ModelControl.requireNothingSent(asked.getParametersMap().keySet());
          serving
              .control()
              .load(asked.getModelName())
              .whenComplete((done, thrown) -> loop.runOnContext(ignored -> answer(call, thrown)));
        });
  }

  private static void answer(Call call, @Nullable Throwable thrown) {
    if (thrown == null) {
      call.answer(RepositoryModelLoadResponse.getDefaultInstance());
    } else {
      call.refuse(Answers.refusal(thrown));
    }
  }
}

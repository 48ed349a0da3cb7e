package dev.nagare.server.grpc;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.http.Answers;
import dev.nagare.streaming.protocol.wire.RepositoryModelUnloadRequest;
import dev.nagare.streaming.protocol.wire.RepositoryModelUnloadResponse;
import io.vertx.core.Context;
import org.jspecify.annotations.Nullable;

/**
 * {@code RepositoryModelUnload}: lets a model go once what it was asked is answered.
 *
 * @param serving whose models these are
 * @param loop of the doors
 */
record RepositoryModelUnload(Serving serving, Context loop) implements GrpcMethod {
  @Override
  public String name() {
    return "RepositoryModelUnload";
  }

  @Override
  public void begin(Call call) {
    call.one(
        RepositoryModelUnloadRequest.parser(),
        asked ->
            serving
                .control()
                .unload(asked.getModelName())
                .whenComplete(
                    (done, thrown) -> loop.runOnContext(ignored -> answer(call, thrown))));
  }

  private static void answer(Call call, @Nullable Throwable thrown) {
    if (thrown == null) {
      call.answer(RepositoryModelUnloadResponse.getDefaultInstance());
    } else {
      call.refuse(Answers.refusal(thrown));
    }
  }
}

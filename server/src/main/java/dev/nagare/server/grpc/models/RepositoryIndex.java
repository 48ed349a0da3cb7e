package dev.nagare.server.grpc.models;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.server.http.Answers;
import dev.nagare.streaming.ModelControl;
import dev.nagare.streaming.ModelControl.State;
import dev.nagare.streaming.protocol.wire.RepositoryIndexRequest;
import dev.nagare.streaming.protocol.wire.RepositoryIndexResponse;
import dev.nagare.streaming.protocol.wire.RepositoryIndexResponse.ModelIndex;
import io.vertx.core.Context;
import java.util.List;

/**
 * {@code RepositoryIndex}: every version of every model, and what it is doing.
 *
 * @param serving asked
 * @param loop of the doors
 */
record RepositoryIndex(Serving serving, Context loop) implements GrpcMethod {
  @Override
  public String name() {
    return "RepositoryIndex";
  }

  @Override
  public void begin(Call call) {
    call.one(
        RepositoryIndexRequest.parser(),
        asked -> {
          ModelControl control = serving.control();
          // It reads folders.
          loop.owner()
              .executeBlocking(control::index, false)
              .onSuccess(
                  entries ->
                      loop.runOnContext(ignored -> call.answer(index(entries, asked.getReady()))))
              .onFailure(
                  thrown -> loop.runOnContext(ignored -> call.refuse(Answers.refusal(thrown))));
        });
  }

  private static RepositoryIndexResponse index(
      List<ModelControl.Entry> entries, boolean readyOnly) {
    RepositoryIndexResponse.Builder index = RepositoryIndexResponse.newBuilder();
    for (ModelControl.Entry entry : entries) {
      if (!readyOnly || entry.state() == State.READY) {
        index.addModels(message(entry));
      }
    }
    return index.build();
  }

  private static ModelIndex message(ModelControl.Entry entry) {
    ModelIndex.Builder message =
        ModelIndex.newBuilder()
            .setName(entry.name())
            .setState(entry.state().name())
            .setReason(entry.reason());
    String version = entry.version();
    return version == null ? message.build() : message.setVersion(version).build();
  }
}

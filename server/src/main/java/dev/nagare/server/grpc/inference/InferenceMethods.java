package dev.nagare.server.grpc.inference;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.server.grpc.call.LastingCalls;
import dev.nagare.server.http.CallerMemory;
import dev.nagare.server.observe.Requests;
import io.vertx.core.Context;
import io.vertx.core.internal.ContextInternal;
import java.util.List;

/** The calls that ask for predictions. */
public final class InferenceMethods {
  private InferenceMethods() {}

  /**
   * All of them.
   *
   * @param serving which models there are
   * @param requests told
   * @param memory that answers draw from
   * @param loop of the doors
   * @param lasting calls that a stop has to end
   */
  public static List<GrpcMethod> all(
      Serving serving, Requests requests, CallerMemory memory, Context loop, LastingCalls lasting) {
    var inference = new Inference(serving, requests, memory, (ContextInternal) loop);
    return List.of(new ModelInfer(inference), new ModelStreamInfer(inference, lasting));
  }
}

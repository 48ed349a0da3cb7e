package dev.nagare.server.grpc.models;

import dev.nagare.server.grpc.call.Errands;
import dev.nagare.server.grpc.call.GrpcMethod;
import java.util.List;

/** The calls that describe the server and its models, and those that load models. */
public final class ModelMethods {
  private static final List<String> EXTENSIONS =
      List.of(
          "model_configuration", "model_repository", "parameters", "schedule_policy", "statistics");

  private ModelMethods() {}

  /**
   * All of them.
   *
   * @param errands the way to the models
   * @param version of this build
   * @param mostRows that one request may have
   */
  public static List<GrpcMethod> all(Errands errands, String version, int mostRows) {
    return List.of(
        new ServerLive(),
        new ServerReady(errands.serving()),
        new ServerMetadata(version, EXTENSIONS),
        new ModelReady(errands.serving()),
        new ModelMetadataMethod(errands.serving()),
        new ModelConfigMethod(errands.serving(), mostRows),
        new ModelStatisticsMethod(errands.serving(), errands.requests().metrics()),
        new RepositoryIndex(errands.serving(), errands.loop()),
        new RepositoryModelLoad(errands),
        new RepositoryModelUnload(errands));
  }
}

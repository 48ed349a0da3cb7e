package dev.nagare.server.grpc.gate;

import dev.nagare.server.config.Scope;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which scope each call needs: what is not named here needs {@code manage}. As {@code PathScopes}
 * says it of HTTP.
 */
final class MethodScopes {
  /** For probes. */
  private static final Set<String> OPEN =
      Set.of("ServerLive", "ServerReady", "ModelReady", "Check", "Watch");

  private static final Set<String> ASKING =
      Set.of(
          "ServerMetadata",
          "ModelMetadata",
          "ModelInfer",
          "ModelStreamInfer",
          "ModelConfig",
          "ModelStatistics",
          "RepositoryIndex",
          "Snapshots",
          "Lineage",
          "ServerReflectionInfo");

  private static final Set<String> TEACHING = Set.of("Learn", "Labels");

  private MethodScopes() {}

  /**
   * The scope of a call; null if everybody may.
   *
   * @param path {@code /service/method}; the server knows no other way of writing it
   */
  static @Nullable Scope of(String path) {
    String method = path.substring(path.lastIndexOf('/') + 1);
    if (OPEN.contains(method)) {
      return null;
    }
    if (ASKING.contains(method)) {
      return Scope.INFER;
    }
    return TEACHING.contains(method) ? Scope.LEARN : Scope.MANAGE;
  }
}

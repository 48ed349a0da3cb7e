package dev.nagare.server.grpc.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.server.config.Scope;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MethodScopesTest {

  @ParameterizedTest
  @CsvSource({
    "/grpc.health.v1.Health/Check,",
    "/inference.GRPCInferenceService/ModelReady,",
    "/inference.GRPCInferenceService/ModelStreamInfer, INFER",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo, INFER",
    "/inference.GRPCInferenceService/RepositoryModelUnload, MANAGE",
    "/nagare.v1.Learning/Learn, LEARN",
    "/nagare.v1.Learning/Labels, LEARN",
    "/nagare.v1.Learning/Snapshots, INFER",
    "/nagare.v1.Learning/Lineage, INFER",
    "/nagare.v1.Learning/Rollback, MANAGE",
    "/some.Service/New, MANAGE"
  })
  void whatIsNotNamedNeedsTheMost(String path, @Nullable Scope scope) {
    assertThat(MethodScopes.of(path)).isEqualTo(scope);
  }
}

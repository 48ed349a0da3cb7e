package dev.nagare.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.server.config.Scope;
import dev.nagare.server.config.SecurityConfig;
import dev.nagare.server.grpc.StockClient.Conversation;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import dev.nagare.streaming.protocol.wire.ModelStreamInferResponse;
import dev.nagare.streaming.protocol.wire.RepositoryModelLoadRequest;
import dev.nagare.streaming.protocol.wire.RepositoryModelLoadResponse;
import dev.nagare.streaming.protocol.wire.ServerLiveRequest;
import dev.nagare.streaming.protocol.wire.ServerLiveResponse;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gRPC door where a caller without a token may nothing. */
class GrpcGuardTest {
  @TempDir private Path folder;

  private GrpcDoors doors() throws Exception {
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest("secret".getBytes(StandardCharsets.UTF_8));
    Path tokens =
        Files.writeString(
            folder.resolve("tokens"), "asker infer sha256:" + HexFormat.of().formatHex(hash));
    var doors =
        new GrpcDoors(Set.of(), new SecurityConfig(null, tokens, null, Set.<Scope>of(), null));
    doors.openModels();
    return doors;
  }

  private static ModelInferResponse infer(GrpcDoors doors, CallOptions options) {
    return doors.client.call(
        ServiceNames.INFERENCE + "/ModelInfer",
        GrpcDoors.request(),
        ModelInferResponse.getDefaultInstance(),
        options);
  }

  @Test
  void aTokenOpensWhatItsScopesSayAndProbesNeedNone() throws Exception {
    try (GrpcDoors doors = doors()) {
      assertThat(
              doors
                  .client
                  .infer(
                      "ServerLive",
                      ServerLiveRequest.getDefaultInstance(),
                      ServerLiveResponse.getDefaultInstance())
                  .getLive())
          .isTrue();
      assertThat(infer(doors, Pupil.withToken("secret")).getModelName()).isEqualTo("pulse");
      StockClient.assertRefused(
          () -> infer(doors, CallOptions.DEFAULT),
          Status.Code.UNAUTHENTICATED,
          "expected a token with scope infer");
      StockClient.assertRefused(
          () -> infer(doors, Pupil.withToken("a guess")),
          Status.Code.UNAUTHENTICATED,
          "not known here");
      StockClient.assertRefused(
          () ->
              doors.client.call(
                  ServiceNames.INFERENCE + "/RepositoryModelLoad",
                  RepositoryModelLoadRequest.getDefaultInstance(),
                  RepositoryModelLoadResponse.getDefaultInstance(),
                  Pupil.withToken("secret")),
          Status.Code.PERMISSION_DENIED,
          "expected a token with scope manage, that of asker lacks it");
    }
  }

  @Test
  void aCallThatLastsEndsWithItsToken() throws Exception {
    try (GrpcDoors doors = doors()) {
      Conversation<ModelStreamInferResponse> busy = converse(doors);
      Conversation<ModelStreamInferResponse> idle = converse(doors);
      busy.send(GrpcDoors.request());
      assertThat(busy.message().getErrorMessage()).isEmpty();
      idle.send(GrpcDoors.request());
      assertThat(idle.message().getErrorMessage()).isEmpty();

      Files.writeString(folder.resolve("tokens"), "# nobody\n");
      doors.access.reload();

      busy.send(GrpcDoors.request());
      assertEnded(busy); // at its next message
      assertEnded(idle); // within seconds
      assertThat(doors.model.inferred()).isEqualTo(2);
    }
  }

  private static Conversation<ModelStreamInferResponse> converse(GrpcDoors doors) {
    return doors.client.converse(
        ServiceNames.INFERENCE + "/ModelStreamInfer",
        GrpcDoors.request(),
        ModelStreamInferResponse.getDefaultInstance(),
        Pupil.withToken("secret"));
  }

  private static void assertEnded(Conversation<ModelStreamInferResponse> call) throws Exception {
    assertThat(call.next())
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
              assertThat(e.getStatus().getDescription())
                  .isEqualTo("the token of this call is not valid any more");
            });
  }
}

package dev.nagare.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.nagare.server.grpc.StockClient.Conversation;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;
import dev.nagare.streaming.protocol.wire.ModelStreamInferResponse;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GrpcStreamTest {
  private final GrpcDoors doors = GrpcDoors.open();

  @AfterEach
  void close() {
    doors.close();
  }

  @Test
  void answersInTheOrderOfTheRequests() throws Exception {
    Conversation<ModelStreamInferResponse> stream = converse();
    for (int i = 0; i < 500; i++) {
      stream.send(request(i));
    }
    stream.allSent();
    for (int i = 0; i < 500; i++) {
      ModelStreamInferResponse answer = stream.message();
      assertThat(answer.getErrorMessage()).isEmpty();
      assertThat(answer.getInferResponse().getId()).isEqualTo(Integer.toString(i));
      assertThat(answer.getInferResponse().getRawOutputContentsCount()).isEqualTo(1);
    }
    assertThat(stream.next()).isEqualTo(Conversation.END);
  }

  @Test
  void goesOnAfterAnError() throws Exception {
    Conversation<ModelStreamInferResponse> stream = converse();
    stream.send(request(0).toBuilder().setModelName("pluse").build());
    stream.send(request(1));
    ModelStreamInferResponse error = stream.message();
    assertThat(error.getErrorMessage()).contains("model 'pluse' is not served here");
    assertThat(error.getInferResponse().getId()).isEqualTo("0");
    assertThat(stream.message().getInferResponse().getId()).isEqualTo("1");
    stream.allSent();
    assertThat(stream.next()).isEqualTo(Conversation.END);
  }

  @Test
  void goesOnAfterAMessageOverTheLimit() throws Exception {
    Conversation<ModelStreamInferResponse> stream = converse();
    stream.send(
        request(0).toBuilder()
            .setRawInputContents(0, ByteString.copyFrom(new byte[100_000]))
            .build());
    assertThat(stream.message().getErrorMessage()).contains("at most 4096 bytes");
    stream.send(request(1));
    assertThat(stream.message().getInferResponse().getId()).isEqualTo("1");
    stream.allSent();
  }

  @Test
  void endsWithTheFirstErrorForWhoAsksForThat() throws Exception {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("triton_grpc_error", Metadata.ASCII_STRING_MARSHALLER), "true");
    var intercepted =
        ClientInterceptors.intercept(
            doors.client.channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    Conversation<ModelStreamInferResponse> stream =
        StockClient.converse(
            intercepted,
            ServiceNames.INFERENCE + "/ModelStreamInfer",
            GrpcDoors.request(),
            ModelStreamInferResponse.getDefaultInstance(),
            CallOptions.DEFAULT);
    stream.send(request(0));
    stream.send(request(1).toBuilder().setModelName("pluse").build());
    stream.send(request(2));
    assertThat(stream.message().getInferResponse().getId()).isEqualTo("0");
    assertThat(stream.next())
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
  }

  @Test
  void doesNotReadOnWhileTooMuchIsUnanswered() {
    CompletableFuture<Void> gate = doors.model.hold();
    Conversation<ModelStreamInferResponse> stream = converse();
    for (int i = 0; i < 1000; i++) {
      stream.send(request(i));
    }
    // Sixty-four, and what lay in the library's queue when it was told to stop.
    await().until(() -> doors.model.inferred() >= 64);
    Conversation<ModelStreamInferResponse> other = converse();
    other.send(request(0));
    await().until(() -> doors.model.inferred() > 64);
    assertThat(doors.model.inferred()).isLessThan(128);
    gate.complete(null);
    await().until(() -> doors.model.inferred() == 1001);
    stream.allSent();
  }

  @Test
  void aStopAnswersWhatWasAcceptedAndEndsTheStream() throws Exception {
    CompletableFuture<Void> gate = doors.model.hold();
    Conversation<ModelStreamInferResponse> stream = converse();
    stream.send(request(0));
    await().until(() -> doors.model.inferred() == 1);

    doors.serving.drain();
    Future<Void> closed = doors.door.close(Duration.ofSeconds(20));
    stream.send(request(1));
    gate.complete(null);

    assertThat(stream.message().getInferResponse().getId()).isEqualTo("0");
    Object next = stream.next();
    if (next instanceof ModelStreamInferResponse refused) { // it came before the stop was known
      assertThat(refused.getErrorMessage()).contains("the server is stopping");
      next = stream.next();
    }
    assertThat(next)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    GrpcDoors.await(closed);
  }

  private Conversation<ModelStreamInferResponse> converse() {
    return doors.client.converse(
        ServiceNames.INFERENCE + "/ModelStreamInfer",
        GrpcDoors.request(),
        ModelStreamInferResponse.getDefaultInstance(),
        CallOptions.DEFAULT);
  }

  private static ModelInferRequest request(int id) {
    return GrpcDoors.request().toBuilder().setId(Integer.toString(id)).build();
  }
}

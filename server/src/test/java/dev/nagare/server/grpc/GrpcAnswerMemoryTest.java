package dev.nagare.server.grpc;

import static dev.nagare.server.LargeModel.MEMORY;
import static dev.nagare.server.LargeModel.OVER_SHARE;
import static dev.nagare.server.LargeModel.ROWS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.nagare.server.LargeModel;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;
import dev.nagare.streaming.protocol.wire.ModelInferRequest.InferInputTensor;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What answers take until their callers have read them, and that it is given back. */
class GrpcAnswerMemoryTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final GrpcDoors doors = GrpcDoors.open(MEMORY, GrpcDoors.MOST_CONNECTIONS);

  @AfterEach
  void everythingIsGivenBack() {
    doors.closeOnceAllIsGivenBack();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ModelInfer", "ModelStreamInfer"})
  void slowReadersTakeNoMoreThanThereIsAndOthersAreToldToComeAgain(String method) throws Exception {
    List<RawClient> clients = new ArrayList<>();
    List<HttpClientRequest> slow = new ArrayList<>();
    for (int i = 1; i < 8; i++) {
      clients.add(doors.connect());
      slow.add(asking(clients.getLast(), method, ROWS));
      long taken = (long) i * ROWS * LargeModel.ROW_BYTES;
      await().atMost(LONG).until(() -> doors.budget.taken() > taken); // with its head
    }
    var refused = doors.raw.send(method, RawClient.frame(0, question(ROWS)));
    if (method.equals("ModelInfer")) {
      assertThat(refused.status()).isEqualTo("8");
      assertThat(refused.message()).contains("server.memory-bytes");
      assertThat(refused.pushback()).isEqualTo("1000");
    } else {
      assertThat(refused.body().toString(UTF_8)).contains("server.memory-bytes");
    }
    assertThat(doors.budget.taken()).isLessThanOrEqualTo(MEMORY);
    assertThat(doors.metricsPage())
        .contains("nagare_refused_bodies_total{door=\"answer\",reason=\"memory\"} 1.0");
    for (HttpClientRequest request : slow.subList(0, 3)) {
      GrpcDoors.await(request.reset(8));
    }
    await().atMost(LONG).until(() -> doors.budget.taken() < 5L * ROWS * LargeModel.ROW_BYTES);
    clients.forEach(RawClient::close);
    await().atMost(LONG).until(() -> doors.budget.taken() == 0);
    assertThat(doors.raw.send(method, RawClient.frame(0, question(ROWS))).body().length())
        .isGreaterThan(ROWS * LargeModel.ROW_BYTES);
  }

  @Test
  void anAnswerThatCanNeverFitIsRefusedBeforeItIsComputedWithTheRemedy() throws Exception {
    var refused = doors.raw.send("ModelInfer", RawClient.frame(0, question(17)));
    assertThat(refused.status()).isEqualTo("8");
    assertThat(refused.message()).contains("server.connection-answer-bytes", "fewer%20rows");
    assertThat(refused.pushback()).isNull();
  }

  @Test
  void answersOfAStreamThatWaitForEarlierOnesAreGivenBackWhenTheCallerLeaves() {
    HttpClientRequest request = doors.connect().open("ModelStreamInfer");
    for (int i = 0; i < 4; i++) {
      GrpcDoors.await(request.write(RawClient.frame(0, question(ROWS / 2 - 1))));
    }
    await().atMost(LONG).until(() -> doors.budget.taken() > ROWS * LargeModel.ROW_BYTES);
    GrpcDoors.await(request.reset(8));
    await().atMost(LONG).until(() -> doors.budget.taken() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ModelInfer", "ModelStreamInfer"})
  void aSlowReaderHasItsShareAndAQuickCallerBesideItLosesNothing(String method) throws Exception {
    int rows = 5; // three such answers are a share
    RawClient client = doors.connect();
    List<HttpClientRequest> slow = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      slow.add(asking(client, method, rows));
    }
    await().atMost(LONG).until(() -> doors.metricsPage().contains(OVER_SHARE + " 5.0"));
    assertThat(doors.budget.taken()).isGreaterThan(3L * rows * LargeModel.ROW_BYTES);
    for (int i = 0; i < 10; i++) {
      var answer = doors.raw.send(method, RawClient.frame(0, question(15)));
      assertThat(answer.status()).as(answer.message()).isEqualTo("0");
      assertThat(answer.body().length()).isGreaterThan(15 * LargeModel.ROW_BYTES);
    }
    // All at once, since they share the window of their connection.
    List<Future<String>> said = new ArrayList<>();
    for (HttpClientRequest request : slow) {
      HttpClientResponse response = GrpcDoors.await(request.response());
      said.add(response.body().map(body -> said(response, body)));
      response.resume();
    }
    int refused = 0;
    for (Future<String> each : said) {
      String refusal = GrpcDoors.await(each);
      if (!refusal.isEmpty()) {
        refused++;
        assertThat(refusal)
            .contains("server.connection-answer-bytes", "read them before asking for more");
      }
    }
    assertThat(refused).isEqualTo(5);
  }

  /**
   * What a call was refused with, by its status or in a message of a stream; empty if it was not.
   */
  private static String said(HttpClientResponse response, Buffer body) {
    String head = response.getHeader("grpc-message");
    String status = head == null ? response.getTrailer("grpc-message") : head;
    if (status != null) {
      return URLDecoder.decode(status.replace("+", "%2B"), UTF_8);
    }
    return body.length() > LargeModel.ROW_BYTES ? "" : body.toString(UTF_8);
  }

  /** A call whose answer nobody reads. */
  private HttpClientRequest asking(RawClient client, String method, int rows) {
    HttpClientRequest request = client.open(method);
    var _ = request.end(RawClient.frame(0, question(rows)));
    return request;
  }

  private static byte[] question(int rows) {
    return ModelInferRequest.newBuilder()
        .setModelName("large")
        .addInputs(
            InferInputTensor.newBuilder()
                .setName("x")
                .setDatatype("FP32")
                .addShape(rows)
                .addShape(1))
        .addRawInputContents(ByteString.copyFrom(new byte[rows * Float.BYTES]))
        .build()
        .toByteArray();
  }
}

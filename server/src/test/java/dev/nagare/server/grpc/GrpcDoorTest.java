package dev.nagare.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.streaming.protocol.wire.ServerLiveRequest;
import dev.nagare.streaming.protocol.wire.ServerLiveResponse;
import io.grpc.Status;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in to call, and by what name and protocol. */
class GrpcDoorTest {
  private static final String LIVE = "/" + ServiceNames.INFERENCE + "/ServerLive";
  private static final byte[] NOTHING = RawClient.frame(0, new byte[0]).getBytes();

  private final GrpcDoors doors = GrpcDoors.open();

  @AfterEach
  void close() {
    doors.close();
    assertThat(doors.pool.usedBytes()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"application/json, 415", "application/grpc-web, 415", "text/plain, 415"})
  void takesNoOtherProtocolOnThisPort(String type, int status) throws Exception {
    var answer = doors.raw.send("ServerLive", Buffer.buffer(), "content-type", type);
    assertThat(answer.http()).isEqualTo(status);
  }

  @Test
  void takesNoJsonForMessages() throws Exception {
    var answer =
        doors.raw.send(
            "ServerLive",
            RawClient.frame(0, new byte[] {'{', '}'}),
            "content-type",
            "application/grpc+json");
    assertThat(answer.status()).isEqualTo("12");
  }

  @Test
  void tellsCallersOfHttp1WhereTheyAre() throws Exception {
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + doors.port + "/v2")).build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("this port speaks gRPC");
    }
  }

  @Test
  void refusesNamesThatAreNotTheServers() {
    try (var stranger = new StockClient(doors.port, "evil.example")) {
      StockClient.assertRefused(
          () ->
              stranger.infer(
                  "ServerLive",
                  ServerLiveRequest.getDefaultInstance(),
                  ServerLiveResponse.getDefaultInstance()),
          Status.Code.PERMISSION_DENIED,
          "Host 'evil.example' is not a name of this server; server.allowed-hosts adds names");
    }
    try (var named = new GrpcDoors(Set.of("box.local"));
        var friend = new StockClient(named.port, "box.local:8001")) {
      assertThat(
              friend
                  .infer(
                      "ServerLive",
                      ServerLiveRequest.getDefaultInstance(),
                      ServerLiveResponse.getDefaultInstance())
                  .getLive())
          .isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost%20:8001", "l%calhost:8001", "l%zzhost"})
  void aNameThatCannotBeReadIsRefusedAndOtherCallsOfTheConnectionAreNot(String authority)
      throws Exception {
    try (var peer = new FramePeer(doors.port)) {
      assertThat(peer.call(LIVE, authority, NOTHING)).isEqualTo("3");
      assertThat(peer.call(LIVE, "localhost:8001", NOTHING)).isEqualTo("0");
    }
    try (var anyName = new GrpcDoors(Set.of("*"));
        var peer = new FramePeer(anyName.port)) {
      assertThat(peer.call(LIVE, authority, NOTHING)).isEqualTo("3");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "[::1", "localhost:port", "localhost:99999", "a b", "@", ""})
  void whateverTheNameItHasAnAnswer(String authority) throws Exception {
    try (var peer = new FramePeer(doors.port)) {
      assertThat(peer.call(LIVE, authority, NOTHING)).isIn("3", "7", "400", "reset");
    }
    assertThat(doors.live()).as("others are answered as ever").isTrue();
  }

  @Test
  void refusesPagesOfOtherOrigins() throws Exception {
    var answer =
        doors.raw.send(
            "ServerLive", RawClient.frame(0, new byte[0]), "origin", "http://evil.example");
    assertThat(answer.status()).isEqualTo("7");
    assertThat(answer.message()).contains("pages of origin 'http://evil.example'");
  }

  @ParameterizedTest
  @CsvSource({"TraceSetting, there is no call inference.GRPCInferenceService/TraceSetting here"})
  void answersUnimplementedInASentence(String method, String sentence) {
    StockClient.assertRefused(
        () ->
            doors.client.infer(
                method,
                ServerLiveRequest.getDefaultInstance(),
                ServerLiveResponse.getDefaultInstance()),
        Status.Code.UNIMPLEMENTED,
        sentence);
  }
}

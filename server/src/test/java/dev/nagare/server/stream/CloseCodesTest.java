package dev.nagare.server.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.Doors;
import dev.nagare.server.config.SecurityConfig;
import dev.nagare.server.http.HttpDoor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Why the server ends a connection. */
class CloseCodesTest {
  private static final String QUESTION =
      "{'type':'infer','model':'pulse','request':{'inputs':[{'name':'w','datatype':'FP32','shape':[1],'data':[1]}]}}";

  @TempDir private Path folder;

  @Test
  void aServerThatStopsAnswersWhatItAcceptedAndIsGoingAway() {
    try (Doors doors = Doors.open();
        var asking = new StreamClient(doors, null);
        var idle = new StreamClient(doors, null)) {
      CompletableFuture<Void> gate = doors.model.hold();
      asking.say(QUESTION);
      await().until(() -> doors.model.inferred() == 1);
      var drained = doors.serving.drain().toCompletableFuture();
      doors.drainStream();
      assertThat(idle.closed.join()).isEqualTo(1001);
      asking.say(QUESTION); // too late
      assertThat(asking.next("error").get("status").asInt()).isEqualTo(503);
      assertThat(asking.closed).isNotDone();
      assertThat(drained).isNotDone();
      gate.complete(null);
      asking.next("prediction");
      assertThat(asking.closed.join()).isEqualTo(1001);
      drained.join();
      assertThatThrownBy(() -> new StreamClient(doors, null))
          .isInstanceOf(CompletionException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "03", "030000", "03000000 7b", "ffffffff 7b7d", "00000080 7b7d"})
  void aBinaryMessageThatIsLaidOutOtherwiseIsUnsupported(String hex) {
    try (Doors doors = Doors.open();
        var client = new RawSocket(doors)) {
      byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
      client.send(true, RawSocket.BINARY, bytes);
      assertThat(client.closeCode()).isEqualTo(1003);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ff", "c3", "c328", "eda080", "f4908080", "7b22e2", "c080"})
  void aTextThatIsNotUtf8IsNoText(String hex) {
    try (Doors doors = Doors.open();
        var client = new RawSocket(doors)) {
      client.send(true, RawSocket.TEXT, HexFormat.of().parseHex(hex));
      assertThat(client.closeCode()).isEqualTo(1007);
    }
  }

  @Test
  void aLetterMayBeCutByFrames() {
    try (Doors doors = Doors.open();
        var client = new RawSocket(doors)) {
      byte[] text = "{\"type\":\"subscribe\",\"id\":\"\u03b1\ud83d\ude00\"}".getBytes(UTF_8);
      client.send(false, RawSocket.TEXT, new byte[0]);
      for (byte b : text) {
        client.send(false, RawSocket.CONTINUATION, new byte[] {b});
        client.send(true, RawSocket.PING, new byte[0]);
      }
      client.send(true, RawSocket.CONTINUATION, new byte[0]);
      RawSocket.Frame frame = client.read();
      while (frame != null && frame.opcode() == RawSocket.PONG) {
        frame = client.read();
      }
      assertThat(frame == null ? "" : frame.text()).contains("\"id\":\"\u03b1\ud83d\ude00\"");
    }
  }

  @Test
  void aTokenThatIsTakenBackEndsItsConnectionsAndAnotherScopeCountsAtOnce() throws Exception {
    Path tokens = folder.resolve("tokens");
    String ours = "us infer,learn sha256:" + hash("ours") + "\n";
    Files.writeString(tokens, ours + "them infer,learn sha256:" + hash("theirs") + "\n");
    var often = new StreamRoute.Limits(10, Doors.MAX_MESSAGE_BYTES, 1_000, 20);
    try (var doors =
        new Doors(
            Set.of(),
            Set.of(),
            0,
            new SecurityConfig(null, tokens, null, Set.of(), null),
            often,
            HttpDoor.SILENT_SECONDS)) {
      doors.openModels();
      try (var us = new StreamClient(doors, null, "Authorization", "Bearer ours");
          var them = new StreamClient(doors, null, "Authorization", "Bearer theirs")) {
        them.say("{'type':'learn','model':'echo','request':{}}");
        them.next("learned");
        Files.writeString(tokens, ours + "them infer sha256:" + hash("theirs") + "\n");
        doors.access.reload();
        await()
            .until(
                () -> {
                  them.say("{'type':'learn','model':'echo','request':{}}");
                  return them.next().get("type").asText().equals("error");
                });
        Files.writeString(tokens, ours);
        doors.access.reload();
        assertThat(them.closed.join()).isEqualTo(1008);
        us.say("{'type':'learn','model':'echo','request':{}}");
        us.next("learned");
      }
    }
  }

  @Test
  void aTokenThatIsTakenBackCountsForNoOtherMessage() throws Exception {
    Path tokens = folder.resolve("tokens");
    Files.writeString(tokens, "us infer,learn sha256:" + hash("ours") + "\n");
    try (var doors =
        new Doors(Set.of(), Set.of(), 0, new SecurityConfig(null, tokens, null, Set.of(), null))) {
      doors.openModels();
      try (var us = new StreamClient(doors, null, "Authorization", "Bearer ours")) {
        us.say("{'type':'learn','model':'echo','request':{}}");
        us.next("learned");
        Files.writeString(tokens, "them infer sha256:" + hash("theirs") + "\n");
        doors.access.reload();
        us.say("{'type':'learn','model':'echo','request':{}}");
        assertThat(us.closed.join()).isEqualTo(1008);
        assertThat(doors.echo.taught()).hasSize(1);
      }
    }
  }

  @Test
  void aMessageThatIsTooLargeInOneFrameOrInManyIsTooBig() {
    try (Doors doors = Doors.open()) {
      try (var client = new RawSocket(doors)) {
        client.send(true, RawSocket.TEXT, new byte[Doors.MAX_MESSAGE_BYTES + 1]);
        assertThat(client.closeCode()).isEqualTo(1009);
      }
      for (int opcode : new int[] {RawSocket.TEXT, RawSocket.BINARY}) {
        try (var client = new RawSocket(doors)) {
          client.send(false, opcode, new byte[Doors.MAX_MESSAGE_BYTES]);
          client.send(false, RawSocket.CONTINUATION, new byte[1]);
          assertThat(client.closeCode()).isEqualTo(1009);
        }
      }
    }
  }

  @Test
  void whatIsNoFrameIsAProtocolError() {
    try (Doors doors = Doors.open()) {
      for (String hex :
          new String[] {
            "8102 7b7d", "c182 00000000 7b7d", "8082 00000000 7b7d", "8382 00000000 7b7d"
          }) {
        try (var client = new RawSocket(doors)) {
          client.write(HexFormat.of().parseHex(hex.replace(" ", "")));
          assertThat(client.closeCode()).as(hex).isEqualTo(1002);
        }
      }
    }
  }

  @Test
  void compressionIsNotAgreedOnSinceItWouldUnpackWithoutALimit() {
    try (Doors doors = Doors.open();
        var client =
            new RawSocket(
                doors, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")) {
      assertThat(client.answer()).doesNotContainIgnoringCase("Sec-WebSocket-Extensions");
    }
  }

  @Test
  void oneConnectionTooManyIsToldToComeBackLater() {
    var few = new StreamRoute.Limits(2, Doors.MAX_MESSAGE_BYTES, 1_000, 25_000);
    try (Doors doors = Doors.open(few, HttpDoor.SILENT_SECONDS);
        var second = new RawSocket(doors)) {
      try (var first = new RawSocket(doors);
          var third = new RawSocket(doors)) {
        assertThat(third.closeCode()).isEqualTo(1013);
        first.sendText("{\"type\":\"subscribe\"}");
        assertThat(first.read()).isNotNull();
      }
      await()
          .until(
              () -> {
                try (var next = new RawSocket(doors)) {
                  next.sendText("{\"type\":\"subscribe\"}");
                  RawSocket.Frame frame = next.read();
                  return frame != null && frame.opcode() == RawSocket.TEXT;
                }
              });
      second.sendText("{\"type\":\"subscribe\"}");
      assertThat(second.read()).isNotNull();
    }
  }

  private static String hash(String token) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
  }
}

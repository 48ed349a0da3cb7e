package dev.nagare.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import io.grpc.CallOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GrpcCompressionTest {
  private final GrpcDoors doors = GrpcDoors.open();

  @AfterEach
  void close() {
    doors.close();
  }

  @Test
  void readsWhatAStockClientCompresses() {
    ModelInferResponse answer =
        doors.client.call(
            ServiceNames.INFERENCE + "/ModelInfer",
            GrpcDoors.request(),
            ModelInferResponse.getDefaultInstance(),
            CallOptions.DEFAULT.withCompression("gzip"));
    assertThat(answer.getId()).isEqualTo("a1");
  }

  @Test
  void answersCompressedWhoAskedCompressed() throws Exception {
    var answer =
        doors.raw.send(
            "ModelInfer",
            RawClient.frame(1, zipped(GrpcDoors.request().toByteArray())),
            "grpc-encoding",
            "gzip");
    assertThat(answer.status()).isEqualTo("0");
    assertThat(answer.body().getByte(0)).isEqualTo((byte) 1);
    byte[] message = answer.body().getBytes(5, answer.body().length());
    try (var in = new GZIPInputStream(new ByteArrayInputStream(message))) {
      assertThat(ModelInferResponse.parseFrom(in.readAllBytes()).getId()).isEqualTo("a1");
    }
  }

  @Test
  void takesPlainMessagesOfWhoSaysThatItCompresses() throws Exception {
    var answer =
        doors.raw.send(
            "ModelInfer",
            RawClient.frame(0, GrpcDoors.request().toByteArray()),
            "grpc-encoding",
            "gzip");
    assertThat(answer.status()).isEqualTo("0");
    assertThat(answer.body().getByte(0)).isEqualTo((byte) 0);
  }

  @Test
  void holdsTheLimitForWhatComesOutOfAMessage() throws Exception {
    byte[] bomb = zipped(new byte[GrpcDoors.MAX_MESSAGE_BYTES * 100]);
    assertThat(bomb.length).isLessThan(GrpcDoors.MAX_MESSAGE_BYTES);
    var answer = doors.raw.send("ModelInfer", RawClient.frame(1, bomb), "grpc-encoding", "gzip");
    assertThat(answer.status()).isEqualTo("8");
    assertThat(answer.message()).contains("once%20it%20is%20decompressed");
  }

  @Test
  void refusesWhatIsNoGzip() throws Exception {
    byte[] half = zipped(GrpcDoors.request().toByteArray());
    half = java.util.Arrays.copyOf(half, half.length / 2);
    for (byte[] message : new byte[][] {{}, {1, 2, 3}, half}) {
      var answer =
          doors.raw.send("ModelInfer", RawClient.frame(1, message), "grpc-encoding", "gzip");
      assertThat(answer.status()).isEqualTo("3");
    }
  }

  @Test
  void refusesOtherEncodingsAndSaysWhichItTakes() throws Exception {
    var answer =
        doors.raw.send("ModelInfer", RawClient.frame(1, new byte[9]), "grpc-encoding", "snappy");
    assertThat(answer.status()).isEqualTo("12");
    assertThat(answer.message()).contains("expected%20gzip%20or%20identity");
  }

  @Test
  void refusesACompressedMessageThatDoesNotSayHow() throws Exception {
    byte[] message = zipped(GrpcDoors.request().toByteArray());
    assertThat(doors.raw.send("ModelInfer", RawClient.frame(1, message)).status()).isEqualTo("3");
    assertThat(doors.infer(GrpcDoors.request()).getId()).isEqualTo("a1");
  }

  private static byte[] zipped(byte[] message) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(message);
    }
    return bytes.toByteArray();
  }
}

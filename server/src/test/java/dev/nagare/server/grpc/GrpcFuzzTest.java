package dev.nagare.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.server.HeldMemory;
import dev.nagare.streaming.protocol.wire.InferParameter;
import dev.nagare.streaming.protocol.wire.InferTensorContents;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;
import dev.nagare.streaming.protocol.wire.ModelInferRequest.InferInputTensor;
import io.vertx.core.buffer.Buffer;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Damaged messages and frames: each is answered, and none is the server's fault. */
class GrpcFuzzTest {
  private static final long SEED = 20_261_126;

  /** OK, INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED, UNIMPLEMENTED. */
  private static final Set<String> ANSWERS = Set.of("0", "3", "5", "8", "12");

  private final GrpcDoors doors = GrpcDoors.open();

  @AfterEach
  void close() {
    doors.close();
  }

  private static int cases() {
    return switch (System.getProperty("nagare.checks", "verify")) {
      case "nightly" -> 1_000_000;
      case "ci" -> 50_000;
      default -> 1_500;
    };
  }

  @Test
  void answersEveryDamagedMessage() throws Exception {
    var random = new Random(SEED);
    byte[][] good = {GrpcDoors.request().toByteArray(), typed().toByteArray()};
    fuzz(
        "messages",
        random,
        () -> {
          byte[] message = good[random.nextInt(good.length)].clone();
          for (int damage = 1 + random.nextInt(4); damage > 0; damage--) {
            message = damaged(message, random);
          }
          return RawClient.frame(0, message);
        });
  }

  @Test
  void answersEveryDamagedFrame() throws Exception {
    var random = new Random(SEED + 1);
    byte[] good = RawClient.frame(0, GrpcDoors.request().toByteArray()).getBytes();
    fuzz(
        "frames",
        random,
        () -> {
          byte[] frame = good.clone();
          frame[random.nextInt(5)] = (byte) random.nextInt(256);
          if (random.nextBoolean()) {
            frame = damaged(frame, random);
          }
          return Buffer.buffer(frame);
        });
  }

  private interface Cases {
    Buffer next();
  }

  private void fuzz(String what, Random random, Cases cases) throws Exception {
    var seen = new TreeMap<String, Integer>();
    int count = cases();
    var memory = new HeldMemory(count);
    for (int i = 0; i < count; i++) {
      memory.before(i);
      Buffer body = cases.next();
      String method = random.nextInt(8) == 0 ? "ModelStreamInfer" : "ModelInfer";
      String[] headers =
          random.nextInt(4) == 0 ? new String[] {"grpc-encoding", "gzip"} : new String[0];
      RawClient.Answer answer;
      try {
        answer = doors.raw.send(method, body, headers);
      } catch (TimeoutException e) {
        throw new AssertionError(
            "case %d of seed %d: no answer to %s %s".formatted(i, SEED, method, hex(body)), e);
      }
      String status = String.valueOf(answer.status());
      seen.merge(status, 1, Integer::sum);
      assertThat(ANSWERS)
          .as("case %d of seed %d: %s %s", i, SEED, method, hex(body))
          .contains(status);
    }
    System.out.println("gRPC fuzz: " + count + " " + what + ", answers by status " + seen);
    assertThat(doors.infer(GrpcDoors.request()).getId()).isEqualTo("a1");
    assertThat(doors.pool.usedBytes()).isZero();
    memory.requireFlat();
  }

  private static byte[] damaged(byte[] bytes, Random random) {
    if (bytes.length == 0) {
      return bytes;
    }
    int at = random.nextInt(bytes.length);
    int length = Math.min(1 + random.nextInt(8), bytes.length - at);
    switch (random.nextInt(5)) {
      case 0 -> bytes[at] = (byte) random.nextInt(256);
      case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 2 ->
          System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
      case 3 -> {
        return java.util.Arrays.copyOf(bytes, at);
      }
      default -> java.util.Arrays.fill(bytes, at, at + length, (byte) 0xff);
    }
    return bytes;
  }

  private static ModelInferRequest typed() {
    return ModelInferRequest.newBuilder()
        .setModelName("pulse")
        .putParameters("k", InferParameter.newBuilder().setInt64Param(3).build())
        .addInputs(
            InferInputTensor.newBuilder()
                .setName("window")
                .setDatatype("FP32")
                .addShape(1)
                .addShape(3)
                .setContents(
                    InferTensorContents.newBuilder()
                        .addFp32Contents(1)
                        .addFp32Contents(2)
                        .addFp32Contents(3)))
        .build();
  }

  private static String hex(Buffer body) {
    return HexFormat.of().formatHex(body.getBytes());
  }
}

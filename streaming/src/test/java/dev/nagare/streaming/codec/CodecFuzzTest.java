package dev.nagare.streaming.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.streaming.protocol.InferenceRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes give finite values, a question, or a refusal that says why. */
class CodecFuzzTest {
  private static final int RECORDS = 30_000;
  private static final byte[] PIECES = "{}[]\",:.-+eE0123456789 \r\n\\tfn\u00e9".getBytes(UTF_8);

  static Stream<Arguments> formats() {
    return Stream.of(
        Arguments.of(
            new RecordFormat.Protocol(),
            """
            {"id": "a", "inputs": [{"name": "row", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]},
             {"name": "y", "datatype": "INT64", "shape": [1], "data": [1]}]}
            """),
        Arguments.of(new RecordFormat.Json(), "{\"a\": 1.5, \"b\": -2e1, \"y\": 1, \"c\": [true]}"),
        Arguments.of(new RecordFormat.Csv(List.of("a", "b", "c", "y"), ','), "1.5,-2e1,\"x\",1"));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void anyBytesGiveValuesOrARefusal(RecordFormat format, String good) {
    long seed = System.nanoTime();
    System.out.println("CodecFuzzTest seed " + seed + " for " + format);
    var random = new Random(seed);
    var codecs = new Codecs();
    RecordCodec codec = codecs.classifier(format);
    int read = 0;
    int refused = 0;
    for (int i = 0; i < RECORDS; i++) {
      byte[] record = mutated(good.getBytes(UTF_8), random);
      float[] row = new float[3];
      try {
        InferenceRequest question = codec.read(record, row);
        if (question != null) {
          question.close();
        } else {
          assertThat(row[Codecs.LABEL]).isIn(0f, 1f, 2f);
          assertThat(Float.isFinite(row[0]) && Float.isFinite(row[1])).isTrue();
        }
        read++;
      } catch (RefusedRecordException e) {
        assertThat(e.getMessage()).isNotBlank();
        refused++;
      }
    }
    assertThat(read).isPositive();
    assertThat(refused).isPositive();
    assertThat(codecs.pool.usedBytes()).isZero();
  }

  /** A few bytes changed, put in, left out or cut off; now and then nothing but noise. */
  private static byte[] mutated(byte[] good, Random random) {
    if (random.nextInt(20) == 0) {
      byte[] noise = new byte[random.nextInt(64)];
      random.nextBytes(noise);
      return noise;
    }
    byte[] record = good;
    for (int changes = random.nextInt(4); changes > 0 && record.length > 1; changes--) {
      int at = random.nextInt(record.length);
      byte piece =
          random.nextInt(4) == 0
              ? (byte) random.nextInt(256)
              : PIECES[random.nextInt(PIECES.length)];
      switch (random.nextInt(4)) {
        case 0 -> {
          record = record.clone();
          record[at] = piece;
        }
        case 1 -> {
          byte[] longer = Arrays.copyOf(record, record.length + 1);
          System.arraycopy(record, at, longer, at + 1, record.length - at);
          longer[at] = piece;
          record = longer;
        }
        case 2 -> {
          byte[] shorter = Arrays.copyOf(record, record.length - 1);
          System.arraycopy(record, at + 1, shorter, at, record.length - at - 1);
          record = shorter;
        }
        default -> record = Arrays.copyOf(record, Math.max(1, at));
      }
    }
    return record;
  }
}

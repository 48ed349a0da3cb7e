package dev.nagare.streaming.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.models.online.OnlineConfig;
import dev.nagare.models.online.OnlineConfig.Guards;
import dev.nagare.models.online.OnlineConfig.Network;
import dev.nagare.models.online.OnlineConfig.Task;
import dev.nagare.models.online.OnlineConfig.Training;
import dev.nagare.streaming.Refusal;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.tensor.MemoryPool;
import java.time.Duration;
import java.util.List;

/** Codecs of a forecaster of a and b, and of a classifier of a, b and the label y. */
final class Codecs {
  static final int CLASSES = 3;
  static final int LABEL = 2;

  final MemoryPool pool = new MemoryPool("requests", 1 << 20);
  private final ProtocolJson json = new ProtocolJson(pool);

  RecordCodec forecaster(RecordFormat format) {
    return RecordCodecs.of(model(format, new Task.Forecast(1, 1, 1.0)), json);
  }

  RecordCodec classifier(RecordFormat format) {
    return RecordCodecs.of(model(format, new Task.Classify(CLASSES)), json);
  }

  static LearnedModel model(RecordFormat format, Task task) {
    var online =
        new OnlineConfig(
            2,
            task,
            new Network(4, 2, 0),
            new Training(1, 1, 1e-3, 0, 1, 1e-3, 1),
            new Guards(100, 0, 0, 0),
            10,
            1);
    return new LearnedModel(
        "m",
        "m.requests",
        format,
        List.of("a", "b"),
        task instanceof Task.Classify ? "y" : null,
        online,
        1,
        Duration.ofSeconds(10));
  }

  /** The row of an observation. */
  static float[] row(RecordCodec codec, String record) {
    float[] row = {Float.NaN, Float.NaN, Float.NaN};
    assertThat(codec.read(record.getBytes(UTF_8), row)).isNull();
    return row;
  }

  static void assertRefused(RecordCodec codec, String record, Refusal refusal, String message) {
    assertThatThrownBy(() -> codec.read(record.getBytes(UTF_8), new float[3]))
        .isInstanceOfSatisfying(
            RefusedRecordException.class, e -> assertThat(e.refusal()).isEqualTo(refusal))
        .hasMessageContaining(message);
  }
}

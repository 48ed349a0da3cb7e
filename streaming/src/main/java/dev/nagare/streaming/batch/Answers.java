package dev.nagare.streaming.batch;

import dev.nagare.streaming.protocol.InferenceResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The form of every answer: who answered, at which version, learned from what. */
final class Answers {
  /** The name of a question's input. */
  static final String WINDOW = "window";

  /** The name of an observation's input. */
  static final String ROW = "row";

  /** The name of the output. */
  static final String FORECAST = "forecast";

  private Answers() {}

  /** The answer to a question. */
  static InferenceResponse of(Question question, Publication.Published by, float[] forecast) {
    return new InferenceResponse(
        question.model().name(),
        Long.toString(by.snapshot().version()),
        question.id(),
        lineage(by.lineage()),
        List.of(output(question.rows(), by.snapshot().features(), forecast)));
  }

  /**
   * The answer to an observation: the forecast of the next row, if the window is full.
   *
   * @param timestampMillis of the record
   */
  static InferenceResponse of(
      String model,
      long version,
      String id,
      Lineage lineage,
      long timestampMillis,
      float @Nullable [] forecast) {
    Map<String, Object> parameters = lineage(lineage);
    parameters.put("timestamp", timestampMillis);
    return new InferenceResponse(
        model,
        Long.toString(version),
        id,
        parameters,
        forecast == null ? List.of() : List.of(output(1, forecast.length, forecast)));
  }

  private static Map<String, Object> lineage(Lineage lineage) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("lineage_topic", lineage.topic());
    parameters.put("lineage_partition", lineage.partition());
    parameters.put("lineage_offset", lineage.nextOffset());
    return parameters;
  }

  private static InferenceResponse.Output output(int rows, int features, float[] forecast) {
    return new InferenceResponse.Output(FORECAST, List.of((long) rows, (long) features), forecast);
  }
}

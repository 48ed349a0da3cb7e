package dev.nagare.streaming.batch;

import dev.nagare.models.online.Signature;
import dev.nagare.models.online.StepReport;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The form of every answer: who answered, at which version, learned from what. */
public final class Answers {
  /** The name of a question's input. */
  public static final String WINDOW = "window";

  private Answers() {}

  /** The answer to a question. */
  static InferenceResponse of(Question question, Publication.Published by, Tensor rows) {
    return new InferenceResponse(
        question.model().name(),
        Long.toString(by.snapshot().version()),
        question.id(),
        lineage(by.lineage()),
        List.of(output(by.snapshot().signature(), rows)));
  }

  /**
   * The answer to an observation: the prediction that was made with it, if the window was full.
   *
   * @param lineage of the version that made it
   * @param timestampMillis of the record
   */
  public static InferenceResponse of(
      String model,
      Signature signature,
      StepReport report,
      String id,
      Lineage lineage,
      long timestampMillis) {
    Map<String, Object> parameters = lineage(lineage);
    parameters.put("timestamp", timestampMillis);
    List<InferenceResponse.Output> outputs =
        report.predicting()
            ? List.of(
                InferenceResponse.Output.of(
                    signature.outputName(), shape(signature, 1), report.prediction()))
            : List.of();
    return new InferenceResponse(
        model, Long.toString(report.predictionVersion()), id, parameters, outputs);
  }

  private static Map<String, Object> lineage(Lineage lineage) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("lineage_topic", lineage.topic());
    parameters.put("lineage_partition", lineage.partition());
    parameters.put("lineage_offset", lineage.nextOffset());
    parameters.put("trained_through", lineage.trainedThrough());
    return parameters;
  }

  private static InferenceResponse.Output output(Signature signature, Tensor rows) {
    return InferenceResponse.Output.of(signature.outputName(), shape(signature, rows.dim(0)), rows);
  }

  private static List<Long> shape(Signature signature, long rows) {
    List<Long> shape = new ArrayList<>();
    shape.add(rows);
    signature.outputShape().forEach(size -> shape.add((long) size));
    return List.copyOf(shape);
  }
}

package dev.nagare.streaming.batch;

import dev.nagare.models.online.Signature;
import dev.nagare.models.online.StepReport;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.InferenceResponse.Numbers;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The form of every answer: who answered, at which version, learned from what. */
public final class Answers {
  /** The name of a question's input. */
  public static final String WINDOW = "window";

  private Answers() {}

  /** The answer to a question. */
  static InferenceResponse of(Question question, Publication.Published by, float[] values) {
    return new InferenceResponse(
        question.model().name(),
        Long.toString(by.snapshot().version()),
        question.id(),
        lineage(by.lineage()),
        List.of(output(by.snapshot().signature(), question.rows(), values)));
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
            ? List.of(output(signature, 1, report.prediction().clone()))
            : List.of();
    return new InferenceResponse(
        model, Long.toString(report.predictionVersion()), id, parameters, outputs);
  }

  private static Map<String, Object> lineage(Lineage lineage) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("lineage_topic", lineage.topic());
    parameters.put("lineage_partition", lineage.partition());
    parameters.put("lineage_offset", lineage.nextOffset());
    return parameters;
  }

  private static InferenceResponse.Output output(Signature signature, int rows, float[] values) {
    List<Long> shape = new ArrayList<>();
    shape.add((long) rows);
    signature.outputShape().forEach(size -> shape.add((long) size));
    return InferenceResponse.Output.of(signature.outputName(), List.copyOf(shape), values);
  }

  /** A tensor as an answer carries it: a copy. */
  static InferenceResponse.Output output(String name, Tensor tensor) {
    List<Long> shape = Arrays.stream(tensor.shape().toArray()).boxed().toList();
    int count = Math.toIntExact(tensor.elements());
    DType dtype = tensor.dtype();
    if (dtype == DType.F32) {
      return InferenceResponse.Output.of(name, shape, tensor.toFloats());
    }
    if (dtype == DType.F64) {
      double[] values = new double[count];
      Arrays.setAll(values, tensor::get);
      return new InferenceResponse.Output(name, dtype, shape, new Numbers.Doubles(values));
    }
    long[] values = new long[count];
    Arrays.setAll(values, tensor::getLong);
    return new InferenceResponse.Output(name, dtype, shape, new Numbers.Wholes(values));
  }
}

package dev.nagare.streaming.learn;

import dev.nagare.models.online.PrequentialScores;
import dev.nagare.models.online.Signature;
import dev.nagare.models.online.StepReport;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.protocol.InferenceResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the learner did with a record, for the caller who gave it.
 *
 * @param scoredBy the version before the record, whose prediction was scored
 * @param version after the record
 * @param output the prediction that was made before the record was learned; null if there was none
 *     yet
 * @param parameters scores and the like, as answers carry them
 */
record Learned(
    long scoredBy,
    long version,
    InferenceResponse.@Nullable Output output,
    Map<String, Object> parameters) {

  /** Copies what a report says. */
  static Learned of(long scoredBy, Lineage before, StepReport report, Signature signature) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("trained_through", before.trainedThrough());
    parameters.put("version", Long.toString(report.version()));
    parameters.put("learned", report.guard() == null);
    if (report.guard() != null) {
      parameters.put("guard", report.guard().reason());
    }
    PrequentialScores scores = report.scores();
    parameters.put("measure", scores.measure().name().toLowerCase(Locale.ROOT));
    parameters.put("scored", scores.count());
    for (int i = 0; i < scores.names().size(); i++) {
      String name = i == 0 ? "score" : "score_" + scores.names().get(i).replace('-', '_');
      parameters.put(name, scores.windowed(i));
    }
    return new Learned(
        scoredBy,
        report.version(),
        report.scored() ? output(signature, report.scoredPrediction().clone()) : null,
        parameters);
  }

  /** Of a record that took the model back. */
  static Learned rolledBack(long from, long to, long version) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("version", Long.toString(version));
    parameters.put("rolled_back_to", Long.toString(to));
    return new Learned(from, version, null, parameters);
  }

  private static InferenceResponse.Output output(Signature signature, float[] values) {
    // What was forecast for one row is that row, whatever the horizon.
    List<Long> shape =
        values.length == signature.outputElements()
            ? shape(signature)
            : List.of(1L, (long) values.length);
    return InferenceResponse.Output.of(signature.outputName(), shape, values);
  }

  private static List<Long> shape(Signature signature) {
    List<Long> shape = new java.util.ArrayList<>();
    shape.add(1L);
    signature.outputShape().forEach(size -> shape.add((long) size));
    return List.copyOf(shape);
  }

  /** The answer to the caller. */
  InferenceResponse answer(String model, @Nullable String id, String receipt) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("receipt", receipt);
    all.putAll(parameters);
    return new InferenceResponse(
        model, Long.toString(scoredBy), id, all, output == null ? List.of() : List.of(output));
  }

  /** The answer while the learner has not come to the record, or is another process. */
  static InferenceResponse pending(
      String model, long version, @Nullable String id, String receipt) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("receipt", receipt);
    parameters.put("pending", true);
    return new InferenceResponse(model, Long.toString(version), id, parameters, List.of());
  }
}

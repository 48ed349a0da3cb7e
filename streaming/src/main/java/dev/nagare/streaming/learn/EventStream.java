package dev.nagare.streaming.learn;

import dev.nagare.models.online.PrequentialScores;
import dev.nagare.models.online.StepReport;
import dev.nagare.streaming.LearningEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * What a learner does, for those who watch: hot, and nobody is waited for.
 *
 * <p>Emitted by one thread, watched by any number.
 */
final class EventStream implements AutoCloseable {
  private final List<String> features;
  private final Sinks.Many<LearningEvent> sink = Sinks.many().multicast().directBestEffort();

  EventStream(List<String> features) {
    this.features = List.copyOf(features);
  }

  Flux<LearningEvent> flux() {
    return sink.asFlux();
  }

  /** Tells of one record; costs nothing while nobody watches. */
  void emit(
      StepReport report,
      float[] row,
      long number,
      int partition,
      long offset,
      long timestampMillis) {
    if (sink.currentSubscriberCount() == 0) {
      return;
    }
    PrequentialScores scores = report.scores();
    var result =
        sink.tryEmitNext(
            new LearningEvent(
                number,
                report.version(),
                partition,
                offset,
                timestampMillis,
                features,
                list(row),
                report.scored() ? list(report.scoredPrediction()) : List.of(),
                report.predicting() ? list(report.prediction()) : List.of(),
                report.loss(),
                report.learningRate(),
                report.gradientNorm(),
                scores.measure().name().toLowerCase(Locale.ROOT),
                named(scores, scores::windowed),
                named(scores, scores::fading)));
    // The last one may have left in between, and who is too slow misses it: both are the deal.
    assert result != Sinks.EmitResult.FAIL_NON_SERIALIZED : result;
  }

  private static List<Float> list(float[] values) {
    List<Float> list = new ArrayList<>(values.length);
    for (float value : values) {
      list.add(value);
    }
    return List.copyOf(list);
  }

  private static Map<String, Double> named(PrequentialScores scores, IntToDoubleFunction column) {
    Map<String, Double> values = new LinkedHashMap<>();
    for (int i = 0; i < scores.names().size(); i++) {
      values.put(scores.names().get(i), column.applyAsDouble(i));
    }
    return values;
  }

  @Override
  public void close() {
    sink.tryEmitComplete();
  }
}

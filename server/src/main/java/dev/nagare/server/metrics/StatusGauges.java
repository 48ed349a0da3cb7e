package dev.nagare.server.metrics;

import dev.nagare.server.admission.Readiness;
import dev.nagare.server.admission.Serving;
import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.ModelStatus;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Gauges that are read when somebody scrapes, from what the models say of themselves. */
final class StatusGauges {
  private final Serving serving;
  private final PrometheusRegistry registry;
  private final Function<String, ModelMeters> meters;

  StatusGauges(Serving serving, PrometheusRegistry registry, Function<String, ModelMeters> meters) {
    this.serving = serving;
    this.registry = registry;
    this.meters = meters;
  }

  void register() {
    GaugeWithCallback.builder()
        .name("nagare_ready")
        .help("1 if every model answers and the process is not draining.")
        .callback(callback -> callback.call(Readiness.of(serving).ready() ? 1 : 0))
        .register(registry);
    status("nagare_model_ready", "1 if the model answers.", status -> status.ready() ? 1 : 0);
    status(
        "nagare_degraded",
        "1 while learning stands still.",
        status -> status.degraded() == null ? 0 : 1);
    status(
        "nagare_checkpoint_failing",
        "1 if the last checkpoint could not be written.",
        status -> status.checkpointError() == null ? 0 : 1);
    status(
        "nagare_learner",
        "1 while this process is the model's learner.",
        status -> status.learning() ? 1 : 0);
    status(
        "nagare_checkpoint_step",
        "Step of the newest checkpoint in the registry; -1 before the first.",
        ModelStatus::checkpointStep);
    status("nagare_model_version", "Published version: the learner's step.", ModelStatus::version);
    status(
        "nagare_lineage_offset",
        "Next offset to learn after the published version; -1 for a model that does not learn.",
        ModelStatus::nextOffset);
    event("nagare_learning_rate", "Learning rate of the last step.", LearningEvent::learningRate);
    event("nagare_loss", "Loss of the last step, normalised units.", LearningEvent::loss);
    event(
        "nagare_gradient_norm",
        "Norm of the last gradient before clipping.",
        LearningEvent::gradientNorm);
    scores(
        "nagare_mean_absolute_error",
        "Error of forecasts made before the truth was known, in units of each feature's scale.",
        "mae");
    scores(
        "nagare_accuracy_ratio",
        "Share of records whose class was right before it was known.",
        "accuracy");
  }

  private void status(String name, String help, ToDoubleFunction<ModelStatus> value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("model")
        .callback(
            callback ->
                serving
                    .models()
                    .forEach(
                        model -> callback.call(value.applyAsDouble(model.status()), model.name())))
        .register(registry);
  }

  private void event(String name, String help, ToDoubleFunction<LearningEvent> value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("model")
        .callback(
            callback -> {
              for (ModelService model : serving.models()) {
                LearningEvent last = meters.apply(model.name()).last;
                if (last != null) {
                  callback.call(value.applyAsDouble(last), model.name());
                }
              }
            })
        .register(registry);
  }

  private void scores(String name, String help, String measure) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("model", "forecaster", "mean")
        .callback(callback -> scores(callback, measure))
        .register(registry);
  }

  private void scores(GaugeWithCallback.Callback callback, String measure) {
    for (ModelService model : serving.models()) {
      String name = model.name();
      LearningEvent last = meters.apply(name).last;
      if (last != null && last.measure().equals(measure)) {
        last.windowed().forEach((who, score) -> callback.call(score, name, who, "windowed"));
        last.fading().forEach((who, score) -> callback.call(score, name, who, "fading"));
      }
    }
  }
}

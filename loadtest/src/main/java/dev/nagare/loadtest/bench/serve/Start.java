package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.MachineFacts;
import dev.nagare.loadtest.bench.Samples;
import dev.nagare.loadtest.onnx.DigitsModel;
import dev.nagare.loadtest.onnx.LstmModel;
import dev.nagare.loadtest.onnx.ReluModel;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** From the start of the JVM until three small models answer. */
record Start() implements Figure {
  private static final String NAME = "start";
  private static final int STARTS = 11;

  @Override
  public List<String> names() {
    return List.of(NAME, NAME + "-2c");
  }

  @Override
  public List<BenchResult> measure(Bench bench) throws IOException, InterruptedException {
    try (ServeStage stage = ServeStage.open()) {
      ModelFolder models =
          stage
              .models("models")
              .add("relu", 1, ReluModel::write)
              .add("digits", 1, DigitsModel::write)
              .add("lstm", 1, LstmModel::write);
      return List.of(
          row(stage, models, NAME, true, "one core", bench),
          row(stage, models, NAME + "-2c", false, "all cores", bench));
    }
  }

  private static BenchResult row(
      ServeStage stage, ModelFolder models, String name, boolean oneCore, String cores, Bench bench)
      throws IOException, InterruptedException {
    start(stage, models, name, oneCore); // whose files come from the disk
    double[] seconds = new double[STARTS];
    for (int i = 0; i < STARTS; i++) {
      bench.bar().show((double) i / STARTS, name);
      seconds[i] = start(stage, models, name, oneCore);
    }
    var times = new Samples(seconds);
    return BenchResult.of(
        name,
        "s",
        times.median(),
        String.format(
            Locale.ROOT,
            "on %s, until /v2/health/ready says 200, looked at every 50 ms; median of %d starts,"
                + " %.2f to %.2f s; %s",
            cores,
            STARTS,
            times.quantile(0),
            times.quantile(1),
            MachineFacts.line()));
  }

  private static double start(ServeStage stage, ModelFolder models, String name, boolean oneCore)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    Subject subject = stage.starting(name, models, "", oneCore);
    subject.server().awaitReady();
    double seconds = (System.nanoTime() - began) / 1e9;
    subject.end();
    return seconds;
  }
}

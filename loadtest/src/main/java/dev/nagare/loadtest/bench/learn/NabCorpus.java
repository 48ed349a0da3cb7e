package dev.nagare.loadtest.bench.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.DataSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The five series with known causes that the figure {@code nab} uses, of the Numenta Anomaly
 * Benchmark (Lavin and Ahmad, "Evaluating real-time anomaly detection algorithms", 2015).
 */
final class NabCorpus {
  private static final String SOURCE = "github.com/numenta/NAB at ea702d75, ";
  private static final DataSet WINDOWS =
      new DataSet(
          "nab/combined_windows.json",
          SOURCE + "labels",
          "1e1fbc4601321aad8d0f8b3784c8134299379f68f6c1f7777565f8ffd57ab6b1");
  private static final List<DataSet> SERIES =
      List.of(
          series(
              "ambient_temperature_system_failure",
              "230b68ccca20f59d562afd5d24ad52939c9b784386bed0054018358bf9120581"),
          series(
              "cpu_utilization_asg_misconfiguration",
              "58ba65dc0737cfbac11b51514476d50c438d44011232144bb8d93f392df58f9f"),
          series(
              "ec2_request_latency_system_failure",
              "98378580aa80157e057c61d59d81daddccc6c65a2c0c800e3f01f603b8215c3f"),
          series(
              "machine_temperature_system_failure",
              "92bf5b87fc7f9bba8ca0b7ec63ccaac8cb4a1371a258e8c29a10ae9c018d82a4"),
          series("nyc_taxi", "d8fa6f7f0734bf5c8be12c52a94e20a82664c397d9dec4449156bd453d32856d"));

  static final List<DataSet> FILES = Stream.concat(SERIES.stream(), Stream.of(WINDOWS)).toList();

  private NabCorpus() {}

  private static DataSet series(String name, String sha256) {
    return new DataSet("nab/" + name + ".csv", SOURCE + "data/realKnownCause", sha256);
  }

  /**
   * A series with its labelled anomalies.
   *
   * @param name of the series
   * @param rows timestamp and value
   * @param windows first and last row of each anomaly, in order
   */
  record Labelled(String name, Series rows, List<NabScore.Window> windows) {}

  static List<Labelled> read(Bench bench) throws IOException {
    JsonNode all = new ObjectMapper().readTree(WINDOWS.in(bench).toFile());
    List<Labelled> corpus = new ArrayList<>();
    for (DataSet file : SERIES) {
      String name = file.path().substring("nab/".length());
      Series rows = Series.read(file.in(bench));
      List<String> times = rows.texts("timestamp");
      List<NabScore.Window> windows = new ArrayList<>();
      for (JsonNode window : all.path("realKnownCause/" + name)) {
        windows.add(new NabScore.Window(row(times, window.get(0)), row(times, window.get(1))));
      }
      corpus.add(new Labelled(name.replace(".csv", ""), rows, windows));
    }
    return corpus;
  }

  /** The row of a time that the labels give with microseconds, which are all 0. */
  private static int row(List<String> times, JsonNode time) throws IOException {
    int row = times.indexOf(time.asText().replaceFirst("\\.0+$", ""));
    if (row < 0) {
      throw new IOException("nab: no row has the time " + time);
    }
    return row;
  }
}

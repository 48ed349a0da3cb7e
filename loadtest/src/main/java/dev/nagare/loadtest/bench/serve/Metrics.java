package dev.nagare.loadtest.bench.serve;

import java.io.IOException;

/**
 * A server's metrics as Prometheus reads them.
 *
 * @param text in the exposition format
 */
record Metrics(String text) {

  /**
   * A value of a model.
   *
   * @throws IOException if it is not there
   */
  double value(String name, String model) throws IOException {
    String label = "model=\"" + model + "\"";
    String line =
        text.lines()
            .filter(each -> each.startsWith(name + "{") && each.contains(label))
            .findFirst()
            .orElseThrow(() -> new IOException("the metrics have no " + name + " of " + model));
    return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
  }
}

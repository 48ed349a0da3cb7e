package dev.nagare.loadtest.bench.learn;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A histogram of a Prometheus page.
 *
 * @param bounds upper bounds of the buckets in seconds, the last one infinite
 * @param cumulative how many values are at or below each
 */
record StallHistogram(List<Double> bounds, List<Long> cumulative) {

  static StallHistogram of(String page, String name, String model) throws IOException {
    List<Double> bounds = new ArrayList<>();
    List<Long> cumulative = new ArrayList<>();
    for (String line : page.lines().toList()) {
      if (line.startsWith(name + "_bucket{") && line.contains("model=\"" + model + "\"")) {
        int at = line.indexOf("le=\"") + 4;
        String bound = line.substring(at, line.indexOf('"', at));
        bounds.add(bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound));
        cumulative.add((long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)));
      }
    }
    if (bounds.isEmpty()) {
      throw new IOException("metrics: expected " + name + " of model " + model + ", got none");
    }
    return new StallHistogram(bounds, cumulative);
  }

  /** What has come since an earlier look. */
  StallHistogram since(StallHistogram earlier) {
    List<Long> more = new ArrayList<>();
    for (int i = 0; i < bounds.size(); i++) {
      more.add(cumulative.get(i) - earlier.cumulative.get(i));
    }
    return new StallHistogram(bounds, more);
  }

  long count() {
    return cumulative.getLast();
  }

  /** Upper bound of the bucket that this fraction of the values does not exceed. */
  double quantile(double fraction) {
    for (int i = 0; i < bounds.size(); i++) {
      if (cumulative.get(i) >= fraction * count()) {
        return bounds.get(i);
      }
    }
    return Double.POSITIVE_INFINITY;
  }
}

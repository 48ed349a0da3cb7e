package dev.nagare.models.online;

import dev.nagare.tensor.Tensor;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** How often each class came and stayed: what a classifier's baselines and first guess rest on. */
final class ClassCounts {
  private final double[] right = new double[3];
  private final double[] seen;
  private double stayed;
  private double moved;

  ClassCounts(int classes) {
    seen = new double[classes];
  }

  /**
   * Adds a row's scores: of the prediction, of no change, of the most frequent class.
   *
   * @param previous the label before; {@link Signature#NO_LABEL} if it is not known
   */
  void score(float[] prediction, float label, int previous, PrequentialScores scores) {
    int majority = 0;
    int said = 0;
    for (int c = 1; c < seen.length; c++) {
      majority = seen[c] > seen[majority] ? c : majority;
      said = prediction[c] > prediction[said] ? c : said;
    }
    right[0] = said == label ? 1 : 0;
    right[1] = previous == label ? 1 : 0;
    right[2] = majority == label ? 1 : 0;
    scores.add(right);
  }

  /**
   * Counts a label.
   *
   * @param change receives the log-odds of "the label stays"
   */
  void count(float label, int previous, Tensor change) {
    seen[(int) label]++;
    if (previous >= 0) {
      double keep = 1 - 1 / RunningScale.MEMORY;
      stayed = stayed * keep + (previous == label ? 1 : 0);
      moved = moved * keep + (previous == label ? 0 : 1);
    }
    // One of each, so that neither is impossible.
    change.set(0, StrictMath.log((stayed + 1) * (seen.length - 1) / (moved + 1)));
  }

  void save(DataOutput out, Tensor change) throws IOException {
    out.writeDouble(stayed);
    out.writeDouble(moved);
    out.writeDouble(change.get(0));
    for (double count : seen) {
      out.writeDouble(count);
    }
  }

  void load(DataInput in, Tensor change) throws IOException {
    stayed = in.readDouble();
    moved = in.readDouble();
    change.set(0, in.readDouble());
    for (int c = 0; c < seen.length; c++) {
      seen[c] = in.readDouble();
    }
  }
}

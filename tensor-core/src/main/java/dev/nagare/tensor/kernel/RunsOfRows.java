package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Which rows of a batch of sequences are still going at a step. */
final class RunsOfRows {
  private RunsOfRows() {}

  /** Steps of a row. */
  static int steps(@Nullable Tensor lengths, int row, int most) {
    return lengths == null ? most : (int) lengths.get(row);
  }

  /** The first row from {@code from} on that has a step t; n if none has. */
  static int begin(@Nullable Tensor lengths, int from, int n, int t) {
    int row = from;
    while (lengths != null && row < n && lengths.get(row) <= t) {
      row++;
    }
    return row;
  }

  /** The first row from {@code from} on that has no step t; n if all have. */
  static int end(@Nullable Tensor lengths, int from, int n, int t) {
    if (lengths == null) {
      return n;
    }
    int row = from;
    while (row < n && lengths.get(row) > t) {
      row++;
    }
    return row;
  }

  /** Sets what lies past the rows' ends in {@code [N, T, C]} to zero. */
  static void clear(@Nullable Tensor lengths, Tensor x) {
    if (lengths == null) {
      return;
    }
    long step = x.dim(2) * x.dtype().bytes();
    for (int row = 0; row < x.dim(0); row++) {
      long first = steps(lengths, row, 0);
      long at = x.segment().address() + (row * x.dim(1) + first) * step;
      Addresses.zero(at, (x.dim(1) - first) * step);
    }
  }
}

package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;
import java.util.List;

/**
 * Rows of several matrices next to each other: {@code y[i] = x0[i], x1[i], ..}. A concat of images
 * along their channels is one, where these lie last.
 *
 * @param rows of all of them, contiguous
 * @param columns of each x; those of y are their sum
 * @param dtype F32 or BF16
 */
public record JoinSpec(long rows, List<Long> columns, DType dtype) {
  /** Copies the list. */
  public JoinSpec {
    columns = List.copyOf(columns);
    Specs.positive("join", "rows", rows);
    Specs.positive("join", "columns", columns.stream().mapToLong(Long::longValue).toArray());
    Specs.positive("join", "columns in all", all(columns));
    Specs.computable("join", dtype);
  }

  /** Columns of y. */
  public long all() {
    return all(columns);
  }

  private static long all(List<Long> columns) {
    return columns.stream().mapToLong(Long::longValue).sum();
  }
}

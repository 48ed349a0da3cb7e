package dev.nagare.models.online;

import dev.nagare.tensor.Tensor;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/** The last rows of a stream, as they came. */
final class RowHistory {
  private final int capacity;
  private final int width;

  /** Twice the rows that are wanted: they move once in a while, not with each row. */
  private final float[] rows;

  private int end;
  private long count;

  RowHistory(int capacity, int width) {
    this.capacity = capacity;
    this.width = width;
    this.rows = new float[2 * capacity * width];
  }

  void add(float[] row) {
    if (end == 2 * capacity) {
      System.arraycopy(rows, (end - capacity) * width, rows, 0, capacity * width);
      end = capacity;
    }
    System.arraycopy(row, 0, rows, end * width, width);
    end++;
    count++;
  }

  /** Rows seen so far. */
  long count() {
    return count;
  }

  /** A value of the row that came {@code back} rows before the newest. */
  float get(int back, int column) {
    return rows[(end - 1 - back) * width + column];
  }

  /** Sets a value of a row that is there. */
  void set(int back, int column, float value) {
    rows[(end - 1 - back) * width + column] = value;
  }

  /** Fills a tensor {@code [1, T, width]} with the rows up to the one {@code back} rows ago. */
  void copyTo(Tensor window, int back) {
    window.copyFrom(rows, (end - back - (int) window.dim(1)) * width);
  }

  void save(DataOutput out) throws IOException {
    out.writeLong(count);
    for (int i = Math.max(0, end - capacity) * width; i < end * width; i++) {
      out.writeFloat(rows[i]);
    }
  }

  void load(DataInput in) throws IOException {
    count = in.readLong();
    end = (int) Math.min(count, capacity);
    Arrays.fill(rows, 0);
    for (int i = 0; i < end * width; i++) {
      rows[i] = in.readFloat();
    }
  }
}

package dev.nagare.models.online;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** The rows since the last optimizer step, with their positions. */
final class Batch {
  private final float[][] rows;
  private final long[] positions;
  private int count;

  Batch(int size, int width) {
    rows = new float[size][width];
    positions = new long[size];
  }

  /** Takes a row in; true if the batch is full then. */
  boolean add(float[] row, long position) {
    System.arraycopy(row, 0, rows[count], 0, row.length);
    positions[count] = position;
    count++;
    return count == rows.length;
  }

  /** A row that is in. */
  float[] row(int index) {
    return rows[index];
  }

  void clear() {
    count = 0;
  }

  /** Hands a full batch over to a report. */
  void quarantine(StepReport report) {
    System.arraycopy(positions, 0, report.quarantinedPositions, 0, rows.length);
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, report.quarantinedRows[i], 0, rows[i].length);
    }
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(count);
    for (int i = 0; i < count; i++) {
      out.writeLong(positions[i]);
      StateTensors.write(rows[i], out);
    }
  }

  void load(DataInput in) throws IOException {
    count = in.readInt();
    if (count < 0 || count >= rows.length) {
      throw new IOException("state: a batch of " + rows.length + " cannot wait with " + count);
    }
    for (int i = 0; i < count; i++) {
      positions[i] = in.readLong();
      StateTensors.read(rows[i], in);
    }
  }
}

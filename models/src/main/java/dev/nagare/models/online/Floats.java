package dev.nagare.models.online;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Rows in a checkpoint. */
final class Floats {
  private Floats() {}

  static void write(float[] values, DataOutput out) throws IOException {
    for (float value : values) {
      out.writeFloat(value);
    }
  }

  static void read(float[] values, DataInput in) throws IOException {
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readFloat();
    }
  }
}

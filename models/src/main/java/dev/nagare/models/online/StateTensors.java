package dev.nagare.models.online;

import dev.nagare.io.TensorBytes;
import dev.nagare.tensor.Tensor;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/** Tensors and rows in a section of a state. */
final class StateTensors {
  private StateTensors() {}

  static void write(List<Tensor> tensors, DataOutput out) throws IOException {
    for (Tensor tensor : tensors) {
      TensorBytes.write(tensor, out);
    }
  }

  static void read(List<Tensor> tensors, DataInput in) throws IOException {
    for (Tensor tensor : tensors) {
      TensorBytes.read(tensor, in);
    }
  }

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

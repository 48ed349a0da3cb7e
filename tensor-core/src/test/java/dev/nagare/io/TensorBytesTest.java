package dev.nagare.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TensorBytesTest {

  @Test
  void everyBitSurvives() throws IOException {
    try (var scope = new Scope(1 << 10)) {
      Tensor f32 = scope.of(Shape.of(2, 2), -0f, Float.MIN_VALUE, Float.NEGATIVE_INFINITY, 0.1f);
      Tensor f64 = scope.zeros(DType.F64, Shape.of());
      f64.set(0, Math.PI);
      Tensor f32Back = scope.zeros(DType.F32, f32.shape());
      Tensor f64Back = scope.zeros(DType.F64, f64.shape());
      TensorBytes.read(f32Back, input(bytes(f32)));
      TensorBytes.read(f64Back, input(bytes(f64)));
      assertThat(f32Back.toFloats()).isEqualTo(f32.toFloats());
      assertThat(f64Back.get(0)).isEqualTo(Math.PI);
    }
  }

  @Test
  void anotherTensorIsRefused() throws IOException {
    try (var scope = new Scope(1 << 10)) {
      byte[] bytes = bytes(scope.zeros(DType.F32, Shape.of(2, 3)));
      for (Tensor other :
          new Tensor[] {
            scope.zeros(DType.F64, Shape.of(2, 3)),
            scope.zeros(DType.F32, Shape.of(6)),
            scope.zeros(DType.F32, Shape.of(3, 2))
          }) {
        assertThatThrownBy(() -> TensorBytes.read(other, input(bytes)))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("expected a tensor " + other);
      }
      Tensor same = scope.zeros(DType.F32, Shape.of(2, 3));
      byte[] half = Arrays.copyOf(bytes, bytes.length / 2);
      assertThatThrownBy(() -> TensorBytes.read(same, input(half)))
          .isInstanceOf(EOFException.class);
    }
  }

  private static byte[] bytes(Tensor tensor) throws IOException {
    var bytes = new ByteArrayOutputStream();
    TensorBytes.write(tensor, new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static DataInputStream input(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }
}

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
  void theFirstBytesOfAnF32AndAnF64AreTheirSizes() throws IOException {
    try (var scope = new Scope(1 << 10)) {
      byte[] f32 = {4, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, (byte) 0x80, 0x3f};
      assertThat(bytes(scope.of(Shape.of(1), 1))).isEqualTo(f32);
      Tensor f64 = scope.zeros(DType.F64, Shape.of());
      f64.set(0, 1);
      byte[] expected = {8, 0, 0, 0, 0, 0, 0, 0, (byte) 0xf0, 0x3f};
      assertThat(bytes(f64)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyDtypeComesBackFromAViewOfAnyStrides(DType dtype) throws IOException {
    try (var scope = new Scope(1 << 10)) {
      Tensor x = scope.empty(dtype, Shape.of(2, 3));
      for (int i = 0; i < 6; i++) {
        x.setLong(i, i % 3);
      }
      Tensor back = scope.zeros(dtype, Shape.of(3, 2));
      TensorBytes.read(back, input(bytes(x.transpose(0, 1))));
      for (int i = 0; i < 6; i++) {
        assertThat(back.get(i)).isEqualTo(x.get((i % 2) * 3 + i / 2));
      }
      for (DType other : DType.values()) {
        if (other != dtype) {
          Tensor wrong = scope.zeros(other, Shape.of(3, 2));
          assertThatThrownBy(() -> TensorBytes.read(wrong, input(bytes(back))))
              .hasMessageContaining("expected a tensor " + other);
        }
      }
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

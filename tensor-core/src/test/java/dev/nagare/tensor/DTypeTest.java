package dev.nagare.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DTypeTest {
  private final Scope scope = new Scope(1 << 12);

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void elementsAreRoundedToTheirType() {
    double[] values = {1.75, -1.75, 300, -1e30, 1e30, Double.NaN, 0, 0.1};
    assertThat(rounded(DType.F64, values)).containsExactly(values);
    assertThat(rounded(DType.F32, values))
        .containsExactly(1.75, -1.75, 300, (float) -1e30, (float) 1e30, Double.NaN, 0, 0.1f);
    assertThat(rounded(DType.BF16, 1.75, 300, 0.1, Double.NaN))
        .containsExactly(1.75, 300, 0.10009765625, Double.NaN);
    double most = 0x1p63;
    assertThat(rounded(DType.I64, values)).containsExactly(1, -1, 300, -0x1p63, most, 0, 0, 0);
    int large = Integer.MAX_VALUE;
    assertThat(rounded(DType.I32, values)).containsExactly(1, -1, 300, -0x1p31, large, 0, 0, 0);
    assertThat(rounded(DType.U8, values)).containsExactly(1, 0, 255, 0, 255, 0, 0, 0);
    assertThat(rounded(DType.BOOL, values)).containsExactly(1, 1, 1, 1, 1, 1, 0, 1);
  }

  private double[] rounded(DType dtype, double... values) {
    Tensor tensor = scope.empty(dtype, Shape.of(values.length));
    for (int i = 0; i < values.length; i++) {
      tensor.set(i, values[i]);
    }
    double[] read = new double[values.length];
    Arrays.setAll(read, tensor::get);
    return read;
  }

  @Test
  void longsKeepEveryDigit() {
    long large = (1L << 53) + 1;
    Tensor x = scope.ofLongs(Shape.of(3), large, -large, Long.MIN_VALUE);
    assertThat(x.getLong(0)).isEqualTo(large);
    assertThat(x.getLong(1)).isEqualTo(-large);
    assertThat(x.to(DType.I64, scope).getLong(2)).isEqualTo(Long.MIN_VALUE);
    assertThat(x.to(DType.I32, scope).getLong(2)).isEqualTo(Integer.MIN_VALUE);
    // Rounded once: through an f64 this one would be rounded to a tie first.
    long odd = (1L << 62) + (1L << 38) + 1;
    assertThat(scope.ofLongs(Shape.of(1), odd).to(DType.F32, scope).get(0)).isEqualTo((float) odd);
    ViewsTest.refused(() -> scope.ofLongs(Shape.of(2), 1), "[2] needs 2 values, got 1");
  }

  @Test
  void viewsOfAnyStridesAreConverted() {
    Tensor x = scope.of(Shape.of(2, 3), 0, 1.5f, -2.5f, 3, 400, Float.NaN).transpose(0, 1);
    Tensor converted = x.to(DType.U8, scope);
    assertThat(converted.isContiguous()).isTrue();
    assertThat(converted.shape()).isEqualTo(Shape.of(3, 2));
    byte[] bytes = new byte[6];
    converted.copyTo(ByteBuffer.wrap(bytes));
    assertThat(bytes).containsExactly(0, 3, 1, (byte) 255, 0, 0);
    assertThat(converted.to(DType.F32, scope).toFloats()).containsExactly(0, 3, 1, 255, 0, 0);
    assertThat(x.to(DType.BF16, scope).to(DType.F32, scope).toFloats())
        .containsExactly(0, 3, 1.5f, 400, -2.5f, Float.NaN);
    Tensor same = x.to(DType.F32, scope);
    same.set(0, 9);
    assertThat(x.get(0)).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void bytesAreLittleEndianAndRowMajor(DType dtype) {
    Tensor x = scope.empty(dtype, Shape.of(3, 2));
    for (int i = 0; i < 6; i++) {
      x.set(i, i % 2);
    }
    Tensor view = x.transpose(0, 1);
    ByteBuffer bytes = ByteBuffer.allocate(6 * dtype.bytes() + 2).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 7);
    view.copyTo(bytes);
    assertThat(bytes.position()).isEqualTo(6 * dtype.bytes() + 1);
    for (int i = 0; i < 6; i++) {
      int at = 1 + i * dtype.bytes();
      double read =
          switch (dtype) {
            case F32 -> bytes.getFloat(at);
            case F64 -> bytes.getDouble(at);
            case BF16 -> BFloat16.toFloat(bytes.getShort(at));
            case I64 -> bytes.getLong(at);
            case I32 -> bytes.getInt(at);
            case U8, BOOL -> bytes.get(at);
          };
      assertThat(read).isEqualTo(i < 3 ? 0 : 1);
    }
    Tensor back = scope.zeros(dtype, Shape.of(3, 2)).transpose(0, 1);
    bytes.position(1);
    back.copyFrom(bytes);
    assertThat(bytes.remaining()).isEqualTo(1);
    for (int i = 0; i < 6; i++) {
      assertThat(back.get(i)).isEqualTo(view.get(i));
    }
    ViewsTest.refused(() -> view.copyTo(ByteBuffer.allocate(5)), "copy to bytes");
    ViewsTest.refused(() -> view.copyFrom(ByteBuffer.allocate(5)), "got 5");
  }

  @Test
  void namesAreThoseOfTheProtocols() {
    assertThat(Arrays.stream(DType.values()).map(DType::openInferenceName))
        .containsExactly("FP32", "FP64", "BF16", "INT64", "INT32", "UINT8", "BOOL");
    assertThat(Arrays.stream(DType.values()).filter(DType::isFloating))
        .containsExactly(DType.F32, DType.F64, DType.BF16);
  }
}

package dev.nagare.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NpyTest {
  private final ProcessMemory memory = new ProcessMemory("npy test");
  @TempDir private Path folder;

  @AfterEach
  void close() {
    memory.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"BF16"},
      mode = EnumSource.Mode.EXCLUDE)
  void readsWhatItWrote(DType dtype) throws IOException {
    Tensor tensor = memory.empty(dtype, Shape.of(2, 3));
    for (int i = 0; i < 6; i++) {
      tensor.setLong(i, dtype == DType.BOOL ? i % 2 : i + 1);
    }
    Path file = folder.resolve("t.npy");
    Npy.write(file, tensor.transpose(0, 1));
    Tensor read = Npy.read(file, memory);
    assertThat(read.dtype()).isEqualTo(dtype);
    assertThat(read.shape()).isEqualTo(Shape.of(3, 2));
    for (int i = 0; i < 6; i++) {
      assertThat(read.get(i)).isEqualTo(tensor.transpose(0, 1).get(i));
    }
  }

  @Test
  void readsAScalarAndAnEmptyTensor() throws IOException {
    Path file = folder.resolve("t.npy");
    Npy.write(file, memory.of(Shape.of(), 7f));
    assertThat(Npy.read(file, memory).get(0)).isEqualTo(7);
    Npy.write(file, memory.of(Shape.of(0, 4)));
    assertThat(Npy.read(file, memory).shape()).isEqualTo(Shape.of(0, 4));
  }

  @Test
  void readsAndWritesTheBytesOfNumPy() throws IOException {
    // numpy.save of numpy.array([1, -2], dtype=numpy.float32)
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
    byte[] padded =
        (header + " ".repeat(117 - header.length()) + "\n").getBytes(StandardCharsets.US_ASCII);
    byte[] start = HexFormat.of().parseHex("934e554d5059" + "0100" + "7600");
    byte[] elements = HexFormat.of().parseHex("0000803f" + "000000c0");
    byte[] bytes = Arrays.copyOf(start, start.length + padded.length + elements.length);
    System.arraycopy(padded, 0, bytes, start.length, padded.length);
    System.arraycopy(elements, 0, bytes, start.length + padded.length, elements.length);
    Path file = Files.write(folder.resolve("t.npy"), bytes);
    Tensor read = Npy.read(file, memory);
    assertThat(read.toFloats()).containsExactly(1, -2);
    Path again = folder.resolve("again.npy");
    Npy.write(again, read);
    assertThat(Files.readAllBytes(again)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {'descr': '>f4', 'fortran_order': False, 'shape': (1,), } | got >f4
          {'descr': '<f4', 'fortran_order': True, 'shape': (1,), }  | got fortran_order
          {'descr': '<f4', 'fortran_order': False, 'shape': (99,), } | ends before the last element
          {'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 9999999999), } | t.npy:
          [('a', '<f4')] | expected a plain array
          """)
  void refusesAndSaysWhatItGot(String header, String message) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = new byte[10 + text.length + 4];
    System.arraycopy(HexFormat.of().parseHex("934e554d50590100"), 0, bytes, 0, 8);
    bytes[8] = (byte) text.length;
    System.arraycopy(text, 0, bytes, 10, text.length);
    Path file = Files.write(folder.resolve("t.npy"), bytes);
    assertThatThrownBy(() -> Npy.read(file, memory))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining(message);
  }

  @Test
  void refusesOtherFiles() throws IOException {
    Path text = Files.writeString(folder.resolve("t.txt"), "hello, this is no array");
    assertThatThrownBy(() -> Npy.read(text, memory)).hasMessageContaining("is no .npy file");
    Path cut = Files.write(folder.resolve("cut.npy"), new byte[] {(byte) 0x93, 'N'});
    assertThatThrownBy(() -> Npy.read(cut, memory)).isInstanceOf(EOFException.class);
  }
}

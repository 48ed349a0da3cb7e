package dev.nagare.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.TensorException.Kind;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  private static final long SEED = 20261125;

  @TempDir Path folder;
  private final Scope scope = new Scope(1 << 12);

  @AfterEach
  void close() {
    scope.close();
  }

  /** A file of a header, as it stands, and bytes that count up from 0. */
  private Path file(String header, int bytes) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer content =
        ByteBuffer.allocate(8 + text.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
    content.putLong(text.length).put(text);
    for (int i = 0; i < bytes; i++) {
      content.put((byte) i);
    }
    return Files.write(folder.resolve("test.safetensors"), content.array());
  }

  private static String entry(String name, String dtype, String shape, long begin, long end) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(name, dtype, shape, begin, end);
  }

  @Test
  void tensorsAreReadWhereTheyLie() throws IOException {
    String header =
        "{ \"__metadata__\" : {\"format\":\"pt\",\"a\\\"\\u00e9\\n\":\"\\\\\"},\n"
            + entry("b", "U8", "[2,3]", 8, 14)
            + ","
            + entry("a.weight", "I32", "[2]", 0, 8)
            + ","
            + entry("none", "F64", "[0,7]", 14, 14)
            + ","
            + "\"scalar\":{\"shape\":[],\"data_offsets\":[14,16],\"dtype\":\"BF16\"}}   ";
    try (Safetensors file = Safetensors.open(file(header, 16))) {
      assertThat(file.tensors().keySet()).containsExactly("a.weight", "b", "none", "scalar");
      assertThat(file.metadata()).containsEntry("format", "pt").containsEntry("a\"é\n", "\\");
      assertThat(file.tensor("a.weight").getLong(1)).isEqualTo(0x07060504);
      assertThat(file.tensor("b").toString()).isEqualTo("U8 [2, 3]");
      assertThat(file.tensor("b").transpose(0, 1).getLong(1)).isEqualTo(11);
      assertThat(file.tensor("none").elements()).isZero();
      assertThat(file.tensor("scalar").shape()).isEqualTo(Shape.of());
      assertThatThrownBy(() -> file.tensor("c")).hasMessageContaining("no tensor c, there are");
      assertThatThrownBy(() -> file.tensors().clear())
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }

  @Test
  void anEmptyFileOfTensorsIsValid() throws IOException {
    try (Safetensors file = Safetensors.open(file("{}", 0))) {
      assertThat(file.tensors()).isEmpty();
    }
  }

  @Test
  void aTensorAtAnOddOffsetIsCopiedAndReadAlike() throws IOException {
    String header =
        "{" + entry("byte", "U8", "[1]", 0, 1) + "," + entry("x", "I32", "[2]", 1, 9) + "}";
    try (Safetensors file = Safetensors.open(file(header, 9))) {
      assertThat(file.tensor("x").getLong(0)).isEqualTo(0x04030201);
      assertThat(file.tensor("x").segment().address() % 4).isZero();
      assertThat(file.tensor("x").isReadOnly()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void whateverWouldWriteToAMappedTensorIsRefused(String provider) throws IOException {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    String header = "{" + entry("x", "F32", "[2,2]", 0, 16) + "}";
    try (Safetensors file = Safetensors.open(file(header, 16))) {
      Tensor x = file.tensor("x");
      Tensor own = scope.zeros(DType.F32, x.shape());
      for (Runnable write :
          new Runnable[] {
            () -> x.set(0, 1),
            x::zero,
            () -> x.fill(2),
            () -> x.transpose(0, 1).set(0, 1),
            () -> x.copyFrom(own),
            () -> x.copyFrom(own.transpose(0, 1)),
            () -> x.copyFrom(new float[4], 0),
            () -> x.copyFrom(ByteBuffer.allocate(16)),
            () -> x.convertFrom(own.to(DType.F64, scope)),
            () -> kernels.scale(2, x),
            () -> kernels.clip(2, x),
            () -> kernels.axpy(2, own, x),
            () -> kernels.unary(Kernels.Unary.ABS, own, x),
            () -> kernels.binary(Kernels.Binary.ADD, own, own, x),
            () -> kernels.matmul(own, false, own, false, null, x, false),
            () -> kernels.addColumnSums(own, x.select(0, 0)),
            () -> kernels.sgd(x, own, null, new Kernels.SgdStep(1, 0.9, 1, false, 0, 1))
          }) {
        assertThatThrownBy(write::run)
            .isInstanceOf(TensorException.class)
            .hasMessageContaining("mapped file");
      }
      Tensor kept = x.keep(scope);
      kernels.scale(2, kept);
      assertThat(kept.get(1)).isEqualTo(2 * x.get(1));
    }
  }

  @Test
  void tensorsEndWithTheirFile() throws IOException {
    Safetensors file = Safetensors.open(file("{" + entry("x", "U8", "[4]", 0, 4) + "}", 4));
    Tensor x = file.tensor("x");
    Tensor view = x.reshape(2, 2).transpose(0, 1);
    file.close();
    file.close();
    for (Runnable use : new Runnable[] {() -> x.get(0), () -> view.get(0), x::segment}) {
      assertThatThrownBy(use::run)
          .isInstanceOfSatisfying(
              TensorException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CLOSED))
          .hasMessageContaining("test.safetensors was closed");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "{A[4]:0:4,A[4]:4:8}|8|the name A is there twice",
        "{A[4]:0:4,B[4]:2:6}|6|B overlaps what is before it: it begins at 2, expected 4",
        "{A[4]:0:4,B[4]:0:4}|4|B overlaps what is before it",
        "{A[4]:0:4,B[4]:5:9}|9|B leaves a gap before it: it begins at 5, expected 4",
        "{A[4]:1:5}|5|A leaves a gap before it",
        "{A[4]:0:4}|3|tensors take 4 bytes, the file has 3",
        "{A[4]:0:4}|5|tensors take 4 bytes, the file has 5",
        "{}|1|tensors take 0 bytes, the file has 1",
        "{A[4]:0:5}|5|A is U8 [4], its data_offsets span 5 bytes",
        "{A[4]:4:0}|4|A has data_offsets [4, 0]",
        "{A[9223372036854775807,3]:0:4}|4|A is too large",
        "{A[9223372036854775808]:0:4}|4|the number 9223372036854775808 is too large",
        "{A[-4]:0:4}|4|expected a whole number",
        "{A[4.0]:0:4}|4|expected ','",
        "{A[04]:0:4}|4|expected a whole number",
        "{A[4,]:0:4}|4|expected a whole number",
        "{A[[4]]:0:4}|4|expected a whole number",
        "{A[4]:0:4,}|4|expected '\"'",
        "{A[4]:0:4|4|expected ','",
        "{A[4]:0:4} x|4|expected the end of the header at character",
        "{A[4]:0:4}{}|4|expected the end of the header",
        " {A[4]:0:4}|4|does not begin with '{'",
        "[]|0|does not begin with '{'",
      })
  void filesThatAreNotWhatTheFormatSaysAreRefused(String header, int bytes, String message)
      throws IOException {
    String text =
        header.replaceAll(
            "([AB])(\\[.*?\\]+):(\\d+):(\\d+)",
            "\"$1\":{\"dtype\":\"U8\",\"shape\":$2,\"data_offsets\":[$3,$4]}");
    refused(text, bytes, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"A\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}|A is of dtype F16",
        "{\"A\":{\"dtype\":\"u8\",\"shape\":[4],\"data_offsets\":[0,4]}}|A is of dtype u8",
        "{\"A\":{\"shape\":[4],\"data_offsets\":[0,4]}}|A has no dtype, shape or data_offsets",
        "{\"A\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0]}}|A has data_offsets [0]",
        "{\"A\":{\"dtype\":\"U8\",\"shape\":[4],\"x\":1}}|A has an unknown member x",
        "{\"A\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}|A has the member dtype twice",
        "{\"A\":[4]}|expected '{'",
        "{\"A\":{\"dtype\":4}}|expected '\"'",
        "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}|the metadata a is there twice",
        "{\"__metadata__\":{\"a\":1}}|expected '\"'",
        "{\"__metadata__\":{\"a\":{}}}|expected '\"'",
        "{\"__metadata__\":{},\"__metadata__\":{}}|the name __metadata__ is there twice",
        "{\"A\\x\":1}|expected an escape",
        "{\"A\\u12g4\":1}|expected four hexadecimal digits",
        "{\"A\\ud800\":1}|expected no half of a character",
        "{\"A|expected the end of a string",
        "{|expected '\"'",
      })
  void headersThatAreNotWhatTheFormatSaysAreRefused(String header, String message)
      throws IOException {
    refused(header, 4, message);
  }

  @Test
  void headersOfTheWrongLengthAreRefused() throws IOException {
    for (long length : new long[] {-1, Long.MIN_VALUE, 100_000_001, 3, 1_000}) {
      byte[] bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
      Path path = Files.write(folder.resolve("length"), bytes);
      assertThatThrownBy(() -> Safetensors.open(path))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("its header has " + Long.toUnsignedString(length) + " bytes");
    }
    for (int size : new int[] {0, 7}) {
      Path path = Files.write(folder.resolve("short"), new byte[size]);
      assertThatThrownBy(() -> Safetensors.open(path)).hasMessageContaining("expected at least 8");
    }
    Path binary = file("{}", 0);
    byte[] content = Files.readAllBytes(binary);
    content[9] = (byte) 0xff;
    Files.write(binary, content);
    assertThatThrownBy(() -> Safetensors.open(binary)).hasMessageContaining("is not UTF-8");
    assertThatThrownBy(() -> Safetensors.open(folder.resolve("absent")))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aDeepHeaderDoesNotExhaustTheStack() throws IOException {
    refused("{\"A\":" + "[".repeat(1_000_000), 0, "expected '{'");
    refused("{\"A\":{\"shape\":" + "[".repeat(1_000_000), 0, "expected a whole number");
  }

  private void refused(String header, int bytes, String message) throws IOException {
    Path path = file(header, bytes);
    assertThatThrownBy(() -> Safetensors.open(path))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("safetensors: " + path)
        .hasMessageContaining(message);
  }

  @Test
  void damagedFilesAreReadOrRefusedButNothingElse() throws IOException {
    String header =
        "{" + entry("a", "F32", "[2,2]", 0, 16) + "," + entry("b", "U8", "[3]", 16, 19) + "}";
    byte[] whole = Files.readAllBytes(file(header, 19));
    SplittableRandom random = new SplittableRandom(SEED);
    System.out.println("SafetensorsTest seed " + SEED);
    int rounds = System.getProperty("nagare.checks", "verify").equals("verify") ? 2_000 : 50_000;
    Path path = folder.resolve("damaged");
    int refusals = 0;
    for (int round = 0; round < rounds; round++) {
      byte[] damaged = Arrays.copyOf(whole, whole.length - random.nextInt(3) / 2);
      for (int i = random.nextInt(3); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Files.write(path, damaged);
      try (Safetensors file = Safetensors.open(path)) {
        for (Tensor tensor : file.tensors().values()) {
          for (long i = 0; i < tensor.elements(); i++) {
            var _ = tensor.get(i);
          }
        }
      } catch (IOException e) {
        refusals++;
      }
    }
    assertThat(refusals).isBetween(rounds / 2, rounds - 1);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWrittenComesBack(DType dtype) throws IOException {
    Tensor x = scope.empty(dtype, Shape.of(3, 5));
    for (int i = 0; i < 15; i++) {
      x.setLong(i, i);
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("small", scope.zeros(DType.U8, Shape.of(3)));
    tensors.put("né\"w\\\u0001", x);
    tensors.put("view", x.transpose(0, 1).slice(0, 0, 5, 2));
    tensors.put("none", scope.zeros(dtype, Shape.of(0)));
    tensors.put("scalar", x.select(0, 1).select(0, 1));
    Path path = folder.resolve("w.safetensors");
    Safetensors.write(path, tensors, Map.of("k", "v\n", "a", "b"));
    try (Safetensors file = Safetensors.open(path)) {
      assertThat(file.metadata()).isEqualTo(Map.of("k", "v\n", "a", "b"));
      assertThat(file.tensors().keySet()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
      tensors.forEach(
          (name, tensor) -> {
            Tensor read = file.tensor(name);
            assertThat(read.shape()).isEqualTo(tensor.shape());
            assertThat(read.dtype()).isEqualTo(tensor.dtype());
            assertThat(read.segment().address() % tensor.dtype().bytes()).isZero();
            for (long i = 0; i < tensor.elements(); i++) {
              assertThat(read.getLong(i)).isEqualTo(tensor.getLong(i));
            }
          });
    }
  }

  @Test
  void theBytesAreThoseOfTheFormat() throws IOException {
    Path path = folder.resolve("exact.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("u", scope.of(Shape.of(1), 7).to(DType.U8, scope));
    tensors.put("w", scope.of(Shape.of(1), 1));
    Safetensors.write(path, tensors, Map.of());
    String header =
        "{" + entry("w", "F32", "[1]", 0, 4) + "," + entry("u", "U8", "[1]", 4, 5) + "}";
    header += " ".repeat(Math.floorMod(-header.length(), 8));
    ByteBuffer expected =
        ByteBuffer.allocate(8 + header.length() + 5).order(ByteOrder.LITTLE_ENDIAN);
    expected.putLong(header.length()).put(header.getBytes(StandardCharsets.UTF_8));
    expected.putFloat(1).put((byte) 7);
    assertThat(Files.readAllBytes(path)).isEqualTo(expected.array());
  }

  @Test
  void aTensorOfManyChunksIsWrittenWhole() throws IOException {
    Tensor x = scope.empty(DType.F32, Shape.of(600, 1000));
    for (int i = 0; i < x.elements(); i++) {
      x.set(i, i);
    }
    Path path = folder.resolve("large.safetensors");
    Safetensors.write(path, Map.of("x", x, "t", x.transpose(0, 1)), Map.of());
    try (Safetensors file = Safetensors.open(path)) {
      assertThat(file.tensor("x").toFloats()).isEqualTo(x.toFloats());
      assertThat(file.tensor("t").transpose(0, 1).toFloats()).isEqualTo(x.toFloats());
    }
  }

  @Test
  void aWriteThatFailsLeavesTheOldFileAndNothingElse() throws IOException {
    Path path = folder.resolve("kept.safetensors");
    Safetensors.write(path, Map.of("x", scope.of(Shape.of(1), 5)), Map.of());
    byte[] before = Files.readAllBytes(path);
    Tensor ended = scope.zeros(DType.F32, Shape.of(4));
    scope.reset();
    assertThatThrownBy(() -> Safetensors.write(path, Map.of("x", ended), Map.of()))
        .hasMessageContaining("used after its end");
    assertThatThrownBy(
            () ->
                Safetensors.write(path, Map.of("__metadata__", scope.of(Shape.of(1), 5)), Map.of()))
        .hasMessageContaining("no tensor can be called __metadata__");
    assertThatThrownBy(
            () -> Safetensors.write(path, Map.of("\ud800", scope.of(Shape.of(1), 5)), Map.of()))
        .hasMessageContaining("no Unicode text");
    assertThat(Files.readAllBytes(path)).isEqualTo(before);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }
}

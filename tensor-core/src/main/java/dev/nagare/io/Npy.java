package dev.nagare.io;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One tensor in a file, as NumPy's {@code save} and {@code load} have it.
 *
 * <p>Dtypes: F32 {@code <f4}, F64 {@code <f8}, I64 {@code <i8}, I32 {@code <i4}, U8 {@code |u1},
 * BOOL {@code |b1}; NumPy has no BF16. Elements are little-endian and row-major. Source: NumPy's
 * {@code numpy/lib/format}, versions 1.0 to 3.0 for reading, 1.0 for writing.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int BEGINNING = 10;
  private static final int ALIGNMENT = 64;
  private static final int MOST_HEADER = 1 << 16;
  private static final int CHUNK = 1 << 20;
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{\\s*'descr':\\s*'(?<descr>[^']*)',\\s*'fortran_order':\\s*(?<fortran>True|False),"
              + "\\s*'shape':\\s*\\((?<shape>[0-9, ]*)\\),?\\s*}\\s*");

  private Npy() {}

  /**
   * Reads a tensor.
   *
   * @param memory where it goes
   * @throws IOException if the file cannot be read or ends too soon
   * @throws TensorException kind MISMATCH if it is no such file, with what it is
   */
  public static Tensor read(Path path, Memory memory) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      Matcher header = header(path, file);
      DType dtype = dtype(path, header.group("descr"));
      if (header.group("fortran").equals("True")) {
        throw refused(path, "expected row-major elements, got fortran_order");
      }
      Shape shape = shape(path, header.group("shape"));
      if (shape.elements() > (file.size() - file.position()) / dtype.bytes()) {
        throw refused(path, "ends before the last element of " + dtype + " " + shape);
      }
      Tensor tensor = memory.empty(dtype, shape);
      read(path, file, tensor);
      return tensor;
    }
  }

  private static void read(Path path, FileChannel file, Tensor tensor) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    int size = tensor.dtype().bytes();
    Tensor flat = tensor.reshape(tensor.elements());
    for (long at = 0; at < tensor.elements(); ) {
      long count = Math.min(CHUNK / size, tensor.elements() - at);
      chunk.clear().limit(Math.toIntExact(count * size));
      fill(path, file, chunk);
      flat.narrow(at, count).copyFrom(chunk.flip());
      at += count;
    }
  }

  /**
   * Writes a tensor, of any strides.
   *
   * @throws IOException if it cannot be written
   * @throws TensorException kind MISMATCH if it is BF16
   */
  public static void write(Path path, Tensor tensor) throws IOException {
    byte[] header = header(tensor).getBytes(StandardCharsets.US_ASCII);
    try (FileChannel file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
      chunk.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) header.length).put(header);
      writeAll(file, chunk.flip());
      for (long at = 0; at < tensor.elements(); ) {
        at += tensor.copyTo(at, chunk.clear());
        writeAll(file, chunk.flip());
      }
    }
  }

  private static void writeAll(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  private static String header(Tensor tensor) {
    String shape =
        Arrays.stream(tensor.shape().toArray())
            .mapToObj(size -> size + ",")
            .collect(Collectors.joining(" "));
    String text =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
            .formatted(descr(tensor.dtype()), shape);
    int end = BEGINNING + text.length() + 1;
    int padding = (ALIGNMENT - end % ALIGNMENT) % ALIGNMENT;
    return text + " ".repeat(padding) + "\n";
  }

  private static Matcher header(Path path, FileChannel file) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(BEGINNING + 2).order(ByteOrder.LITTLE_ENDIAN);
    fill(path, file, start.limit(MAGIC.length + 2));
    if (!Arrays.equals(Arrays.copyOf(start.array(), MAGIC.length), MAGIC)) {
      throw refused(path, "is no .npy file");
    }
    int version = start.get(MAGIC.length);
    if (version < 1 || version > 3) {
      throw refused(path, "expected version 1, 2 or 3 of the format, got " + version);
    }
    start.clear().limit(version == 1 ? 2 : 4);
    fill(path, file, start);
    start.flip();
    long length = version == 1 ? start.getShort() & 0xffff : start.getInt() & 0xffff_ffffL;
    if (length > MOST_HEADER) {
      throw refused(path, "expected a header of at most " + MOST_HEADER + " bytes, got " + length);
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) length);
    fill(path, file, bytes);
    String text = new String(bytes.array(), StandardCharsets.UTF_8);
    Matcher header = HEADER.matcher(text);
    if (!header.matches()) {
      throw refused(path, "expected a plain array, got " + text.strip());
    }
    return header;
  }

  private static void fill(Path path, FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (file.read(bytes) < 0) {
        throw new EOFException(path + ": ends too soon");
      }
    }
  }

  private static Shape shape(Path path, String text) {
    try {
      long[] dims =
          Arrays.stream(text.split(","))
              .map(String::strip)
              .filter(size -> !size.isEmpty())
              .mapToLong(Long::parseLong)
              .toArray();
      return Shape.of(dims);
    } catch (NumberFormatException | TensorException e) {
      throw refused(path, "expected sizes, got (" + text + ")");
    }
  }

  private static DType dtype(Path path, String descr) {
    for (DType dtype : DType.values()) {
      if (dtype != DType.BF16 && descr(dtype).equals(descr)) {
        return dtype;
      }
    }
    throw refused(path, "expected elements <f4, <f8, <i8, <i4, |u1 or |b1, got " + descr);
  }

  private static String descr(DType dtype) {
    return switch (dtype) {
      case U8 -> "|u1";
      case BOOL -> "|b1";
      case F32, F64 -> "<f" + dtype.bytes();
      case I32, I64 -> "<i" + dtype.bytes();
      case BF16 ->
          throw TensorException.mismatch(
              "npy: NumPy has no " + dtype.name().toLowerCase(Locale.ROOT) + "; convert to F32");
    };
  }

  private static TensorException refused(Path path, String what) {
    return TensorException.mismatch(path + ": " + what);
  }
}

package dev.nagare.models.onnx.proto;

import dev.nagare.tensor.BFloat16;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.MappedMemory;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A constant tensor of a model file.
 *
 * <p>Reading it checks that there are as many elements as its sizes say, and leaves them in the
 * file: {@link #load} makes a tensor of them. Immutable.
 */
public final class TensorProto {
  private static final int RAW = 9;
  private static final long MOST_BYTES = 1L << 40;

  private final String name;
  private final List<Long> dims;
  private final int elementType;
  private final @Nullable WireReader raw;
  private final @Nullable WireReader typed; // the whole message, to be walked again
  private final @Nullable External external;

  /** Elements in another file: which, from where, and how many bytes, -1 for the rest. */
  record External(String location, long offset, long length) {}

  private TensorProto(
      String name,
      List<Long> dims,
      int elementType,
      @Nullable WireReader raw,
      @Nullable WireReader typed,
      @Nullable External external) {
    this.name = name;
    this.dims = dims;
    this.elementType = elementType;
    this.raw = raw;
    this.typed = typed;
    this.external = external;
  }

  /**
   * Reads one from a file of its own, as the data sets of the ONNX test suite are.
   *
   * @throws OnnxException if it is none
   */
  public static TensorProto read(ByteBuffer file) {
    return read(new WireReader(file));
  }

  static TensorProto read(WireReader in) {
    String name = "";
    List<Long> dims = new ArrayList<>(4);
    int elementType = 0;
    int location = 0;
    WireReader raw = null;
    Map<String, String> entries = new HashMap<>();
    long[] counts = new long[12]; // elements by the field that holds them
    while (in.next()) {
      switch (in.field()) {
        case 1 -> AttributeProto.wholes(in, dims);
        case 2 -> elementType = in.number();
        case 3 -> throw new OnnxException("tensor " + name + ": segments are not supported");
        case 4, 5, 6, 7, 10, 11 -> counts[in.field()] += count(in);
        case 8 -> name = in.string();
        case RAW -> raw = in.packed();
        case 13 -> entry(in.message(), entries);
        case 14 -> location = in.number();
        default -> in.skip();
      }
    }
    External external = location == 1 ? external(name, entries) : null;
    var tensor =
        new TensorProto(
            name,
            List.copyOf(dims),
            elementType,
            raw,
            raw == null && external == null ? in.again() : null,
            external);
    tensor.check(counts);
    return tensor;
  }

  /** How many elements one occurrence of a field holds. */
  private static long count(WireReader in) {
    if (!in.isBytes() || in.field() == 6) {
      in.skip();
      return 1;
    }
    int field = in.field();
    WireReader packed = in.packed();
    int width = field == 4 ? 4 : 8;
    if (field == 4 || field == 10) {
      if (packed.bytes() % width != 0) {
        throw new OnnxException("tensor: " + packed.bytes() + " bytes in field " + field);
      }
      return packed.bytes() / width;
    }
    long count = 0;
    for (; packed.hasElement(); count++) {
      packed.element();
    }
    return count;
  }

  private static void entry(WireReader in, Map<String, String> entries) {
    String key = "";
    String value = "";
    while (in.next()) {
      switch (in.field()) {
        case 1 -> key = in.string();
        case 2 -> value = in.string();
        default -> in.skip();
      }
    }
    entries.put(key, value);
  }

  private static External external(String name, Map<String, String> entries) {
    String location = entries.get("location");
    if (location == null) {
      throw new OnnxException("tensor " + name + ": its elements are in a file that is not named");
    }
    return new External(
        location, number(name, entries, "offset", 0), number(name, entries, "length", -1));
  }

  private static long number(String name, Map<String, String> entries, String key, long absent) {
    String text = entries.get(key);
    if (text == null) {
      return absent;
    }
    try {
      long value = Long.parseLong(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new OnnxException("tensor " + name + ": external " + key + " is '" + text + "'", e);
    }
    throw new OnnxException("tensor " + name + ": external " + key + " is '" + text + "'");
  }

  private void check(long[] counts) {
    Shape shape = shape();
    DType dtype = ElementType.dtypeOrNull(elementType);
    if (dtype == null || external != null) {
      return; // refused, or checked against its file, when it is loaded
    }
    long elements = shape.elements();
    if (raw != null) {
      if (elements > Integer.MAX_VALUE || raw.bytes() != elements * dtype.bytes()) {
        throw new OnnxException(this + ": its elements have " + raw.bytes() + " bytes");
      }
    } else {
      long count = counts[ElementType.field(elementType)];
      if (count != elements) {
        throw new OnnxException(this + ": it has " + count + " elements");
      }
    }
  }

  /** Name of the value. */
  public String name() {
    return name;
  }

  /** Number of the element type. */
  public int elementType() {
    return elementType;
  }

  /**
   * Sizes of the axes.
   *
   * @throws OnnxException if one is negative or no memory could have so many elements
   */
  public Shape shape() {
    try {
      return Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
    } catch (TensorException e) {
      throw new OnnxException("tensor " + name + ": " + e.getMessage(), e);
    }
  }

  /**
   * Bytes that its elements take in memory, at most {@value #MOST_BYTES}: what claims to have more
   * is refused by every memory. 0 if they are of a type that is not supported.
   */
  public long bytes() {
    DType dtype = ElementType.dtypeOrNull(elementType);
    return dtype == null
        ? 0
        : Math.min(shape().elements(), MOST_BYTES / dtype.bytes()) * dtype.bytes();
  }

  /**
   * Makes a tensor of it. Elements that lie in the file as they do in memory, at a multiple of
   * their size, are seen where they are; others are copied.
   *
   * @param file the mapped file that it was read from
   * @param external the other files of the model
   * @param memory for elements that are coded otherwise
   * @throws OnnxException if the elements are of a type that is not supported, or not there
   */
  public Tensor load(MappedMemory file, ExternalFiles external, Memory memory) {
    DType dtype = ElementType.dtype(elementType, "tensor " + name);
    Shape shape = shape();
    if (this.external != null) {
      return external.tensor(name, dtype, shape, this.external);
    }
    if (raw != null) {
      return file.tensor(dtype, shape, raw.offset());
    }
    Tensor tensor = memory.empty(dtype, shape);
    if (typed != null) {
      fill(tensor, typed.again(), ElementType.field(elementType));
    }
    return tensor;
  }

  private static void fill(Tensor tensor, WireReader in, int field) {
    long at = 0;
    while (in.next()) {
      if (in.field() != field) {
        in.skip();
      } else if (in.isBytes()) {
        for (WireReader packed = in.packed(); packed.hasElement(); at++) {
          switch (field) {
            case 4 -> tensor.set(at, packed.floatElement());
            case 10 -> tensor.set(at, packed.doubleElement());
            default -> whole(tensor, at, packed.element());
          }
        }
      } else {
        switch (field) {
          case 4 -> tensor.set(at, in.fixedFloat());
          case 10 -> tensor.set(at, in.fixedDouble());
          default -> whole(tensor, at, in.varint());
        }
        at++;
      }
    }
  }

  private static void whole(Tensor tensor, long at, long value) {
    if (tensor.dtype() == DType.BF16) {
      tensor.set(at, BFloat16.toFloat((short) value));
    } else {
      tensor.setLong(at, value);
    }
  }

  /** Such as {@code tensor conv1.weight FLOAT [64, 3, 7, 7]}. */
  @Override
  public String toString() {
    return "tensor " + name + " " + ElementType.nameOf(elementType) + " " + dims;
  }
}

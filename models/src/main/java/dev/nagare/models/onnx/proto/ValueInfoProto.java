package dev.nagare.models.onnx.proto;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file says of an input or an output.
 *
 * @param name of the value
 * @param elementType number of the element type, 0 if it is no tensor or is not said
 * @param tensor whether it is a dense tensor
 * @param shape sizes; null where not even their number is said
 */
public record ValueInfoProto(
    String name, int elementType, boolean tensor, @Nullable List<Size> shape) {

  /**
   * A size of an axis.
   *
   * @param value the number, or -1 where it is not said
   * @param parameter the name of a size that is not known; empty for none
   */
  public record Size(long value, String parameter) {}

  static ValueInfoProto read(WireReader in) {
    String name = "";
    WireReader type = null;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> name = in.string();
        case 2 -> type = in.message();
        default -> in.skip();
      }
    }
    while (type != null && type.next()) {
      if (type.field() == 1) {
        return tensor(name, type.message());
      }
      type.skip();
    }
    return new ValueInfoProto(name, 0, type == null, null);
  }

  private static ValueInfoProto tensor(String name, WireReader in) {
    int elementType = 0;
    List<Size> shape = null;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> elementType = in.number();
        case 2 -> shape = shape(in.message());
        default -> in.skip();
      }
    }
    return new ValueInfoProto(name, elementType, true, shape == null ? null : List.copyOf(shape));
  }

  private static List<Size> shape(WireReader in) {
    List<Size> sizes = new ArrayList<>();
    while (in.next()) {
      if (in.field() == 1) {
        sizes.add(size(in.message()));
      } else {
        in.skip();
      }
    }
    return sizes;
  }

  private static Size size(WireReader in) {
    long value = -1;
    String parameter = "";
    while (in.next()) {
      switch (in.field()) {
        case 1 -> value = in.varint();
        case 2 -> parameter = in.string();
        default -> in.skip();
      }
    }
    return new Size(value, parameter);
  }
}

package dev.nagare.models.onnx.export;

import dev.nagare.tensor.Tensor;
import java.util.List;

/**
 * A setting of an exported node. Field numbers are those of {@code AttributeProto}.
 *
 * @param message complete
 */
record Attribute(ProtoWriter message) {
  private static final int NAME = 1;
  private static final int TYPE = 20;

  private static ProtoWriter named(String name) {
    return new ProtoWriter().text(NAME, name);
  }

  static Attribute of(String name, long value) {
    return new Attribute(named(name).number(3, value).number(TYPE, 2));
  }

  static Attribute of(String name, float value) {
    return new Attribute(named(name).real(2, value).number(TYPE, 1));
  }

  static Attribute of(String name, String value) {
    return new Attribute(named(name).text(4, value).number(TYPE, 3));
  }

  static Attribute of(String name, Tensor value) {
    return new Attribute(named(name).message(5, ExportGraph.tensor("", value)).number(TYPE, 4));
  }

  static Attribute integers(String name, List<Integer> values) {
    ProtoWriter list = named(name);
    values.forEach(value -> list.number(8, value));
    return new Attribute(list.number(TYPE, 7));
  }

  static Attribute texts(String name, List<String> values) {
    ProtoWriter list = named(name);
    values.forEach(value -> list.text(9, value));
    return new Attribute(list.number(TYPE, 8));
  }
}

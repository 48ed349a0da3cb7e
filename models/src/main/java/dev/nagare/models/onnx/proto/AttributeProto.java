package dev.nagare.models.onnx.proto;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A parameter of a node.
 *
 * @param name of the parameter
 * @param type which of the others holds; files of before 2017 do not say, and then it is what is
 *     there
 * @param number a float
 * @param integer a whole number
 * @param text a string
 * @param tensor a tensor
 * @param graph a subgraph
 * @param numbers floats
 * @param integers whole numbers
 * @param texts strings
 */
public record AttributeProto(
    String name,
    Type type,
    float number,
    long integer,
    String text,
    @Nullable TensorProto tensor,
    @Nullable GraphProto graph,
    List<Float> numbers,
    List<Long> integers,
    List<String> texts) {

  /** What an attribute holds; the order is that of {@code AttributeProto.AttributeType}. */
  public enum Type {
    UNDEFINED,
    FLOAT,
    INT,
    STRING,
    TENSOR,
    GRAPH,
    FLOATS,
    INTS,
    STRINGS,
    /**
     * Lists of tensors and graphs, sparse tensors, types: no operator that is supported has any.
     */
    OTHER;

    private static Type of(int number) {
      Type[] types = values();
      return number > 0 && number < types.length ? types[number] : OTHER;
    }
  }

  static AttributeProto read(WireReader in) {
    String name = "";
    Type type = Type.UNDEFINED;
    Type seen = Type.UNDEFINED;
    float number = 0;
    long integer = 0;
    String text = "";
    TensorProto tensor = null;
    GraphProto graph = null;
    List<Float> numbers = new ArrayList<>(0);
    List<Long> integers = new ArrayList<>(0);
    List<String> texts = new ArrayList<>(0);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> name = in.string();
        case 2 -> {
          number = in.fixedFloat();
          seen = Type.FLOAT;
        }
        case 3 -> {
          integer = in.varint();
          seen = Type.INT;
        }
        case 4 -> {
          text = in.string();
          seen = Type.STRING;
        }
        case 5 -> {
          tensor = TensorProto.read(in.message());
          seen = Type.TENSOR;
        }
        case 6 -> {
          graph = GraphProto.read(in.message());
          seen = Type.GRAPH;
        }
        case 7 -> {
          floats(in, numbers);
          seen = Type.FLOATS;
        }
        case 8 -> {
          wholes(in, integers);
          seen = Type.INTS;
        }
        case 9 -> {
          texts.add(in.string());
          seen = Type.STRINGS;
        }
        case 20 -> type = Type.of(in.number());
        case 21 -> throw new OnnxException("attribute " + name + " refers to one of a function");
        default -> in.skip();
      }
    }
    return new AttributeProto(
        name,
        type == Type.UNDEFINED ? seen : type,
        number,
        integer,
        text,
        tensor,
        graph,
        List.copyOf(numbers),
        List.copyOf(integers),
        List.copyOf(texts));
  }

  private static void floats(WireReader in, List<Float> to) {
    if (!in.isBytes()) {
      to.add(in.fixedFloat());
      return;
    }
    for (WireReader packed = in.packed(); packed.hasElement(); ) {
      to.add(packed.floatElement());
    }
  }

  static void wholes(WireReader in, List<Long> to) {
    if (!in.isBytes()) {
      to.add(in.varint());
      return;
    }
    for (WireReader packed = in.packed(); packed.hasElement(); ) {
      to.add(packed.element());
    }
  }
}

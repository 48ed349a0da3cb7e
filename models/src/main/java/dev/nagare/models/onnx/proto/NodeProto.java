package dev.nagare.models.onnx.proto;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One operator at work.
 *
 * @param name may be empty and need not be unique
 * @param domain of the operator, empty for {@code ai.onnx}
 * @param type name of the operator, such as {@code Conv}
 * @param inputs names of values; empty for an optional one that is absent
 * @param outputs names of values; empty for one that nobody wants
 * @param attributes by name
 */
public record NodeProto(
    String name,
    String domain,
    String type,
    List<String> inputs,
    List<String> outputs,
    Map<String, AttributeProto> attributes) {

  static NodeProto read(WireReader in) {
    String name = "";
    String domain = "";
    String type = "";
    List<String> inputs = new ArrayList<>(4);
    List<String> outputs = new ArrayList<>(2);
    Map<String, AttributeProto> attributes = new LinkedHashMap<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> inputs.add(in.string());
        case 2 -> outputs.add(in.string());
        case 3 -> name = in.string();
        case 4 -> type = in.string();
        case 5 -> {
          AttributeProto attribute = AttributeProto.read(in.message());
          if (attributes.putIfAbsent(attribute.name(), attribute) != null) {
            throw new OnnxException(
                "node " + name + " (" + type + "): attribute " + attribute.name() + " comes twice");
          }
        }
        case 7 -> domain = in.string();
        default -> in.skip();
      }
    }
    return new NodeProto(
        name,
        domain.equals("ai.onnx") ? "" : domain,
        type,
        List.copyOf(inputs),
        List.copyOf(outputs),
        attributes.isEmpty() ? Map.of() : attributes);
  }

  /** The name, or the first output where there is none. */
  public String label() {
    return !name.isEmpty() || outputs.isEmpty() ? name : outputs.getFirst();
  }

  /** Domain and type, such as {@code Conv} or {@code com.microsoft:Attention}. */
  public String operator() {
    return domain.isEmpty() ? type : domain + ":" + type;
  }
}

package dev.nagare.models.onnx.proto;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole model.
 *
 * @param irVersion version of the file format
 * @param producer what wrote it, such as {@code pytorch 2.0.1}
 * @param opsets version of each operator set by its domain
 * @param functions how many functions it defines; none are supported
 * @param graph what it computes
 */
public record ModelProto(
    long irVersion, String producer, Map<String, Long> opsets, int functions, GraphProto graph) {

  /**
   * Reads a model from the bytes of a file, little-endian.
   *
   * @throws OnnxException if they are no model
   */
  public static ModelProto read(ByteBuffer file) {
    long irVersion = 0;
    String producer = "";
    String version = "";
    int functions = 0;
    Map<String, Long> opsets = new LinkedHashMap<>();
    GraphProto graph = null;
    var in = new WireReader(file);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> irVersion = in.varint();
        case 2 -> producer = in.string();
        case 3 -> version = in.string();
        case 7 -> {
          if (graph != null) {
            throw new OnnxException("model: expected one graph, found another");
          }
          graph = GraphProto.read(in.message());
        }
        case 8 -> opset(in.message(), opsets);
        case 25 -> {
          functions++;
          in.skip();
        }
        default -> in.skip();
      }
    }
    if (graph == null) {
      throw new OnnxException("model: it has no graph; is it an ONNX file?");
    }
    String made = version.isEmpty() ? producer : producer + " " + version;
    return new ModelProto(irVersion, made, opsets, functions, graph);
  }

  private static void opset(WireReader in, Map<String, Long> opsets) {
    String domain = "";
    long version = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> domain = in.string();
        case 2 -> version = in.varint();
        default -> in.skip();
      }
    }
    String key = domain.equals("ai.onnx") ? "" : domain;
    Long other = opsets.putIfAbsent(key, version);
    if (other != null && other != version) {
      throw new OnnxException(
          "model: operator set '" + domain + "' is imported as " + other + " and as " + version);
    }
  }

  /** Version of a domain's operators, or null if the model imports none. */
  public @Nullable Long opset(String domain) {
    return opsets.get(domain.equals("ai.onnx") ? "" : domain);
  }
}

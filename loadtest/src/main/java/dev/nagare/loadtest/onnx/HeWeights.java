package dev.nagare.loadtest.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives a topology weights that mean something to a check.
 *
 * <p>The published light models have the same value in every element of a weight, so that a wrong
 * convolution would still give the right answer. Here each becomes an initialiser of seeded values
 * ({@link WeightRole}), and a last Softmax is left out: it would press all logits but the largest
 * to nothing.
 */
public final class HeWeights {
  private static final int INT64 = 7;

  private final List<ProtoField> graph;
  private final List<Node> nodes = new ArrayList<>();

  /** Dimensions by name, in the order of the file. */
  private final Map<String, long[]> weights = new LinkedHashMap<>();

  private final Map<String, long[]> numbers = new HashMap<>();
  private int opset;

  private record Node(
      ProtoField field, String op, List<String> inputs, List<String> outputs, boolean transposed) {}

  /** Changes a weight before it is written: what a check is made to find. */
  public interface Change {
    /** The values of a weight, or the same. */
    float[] of(String name, long[] dims, float[] values);
  }

  private HeWeights(ByteBuffer file) throws IOException {
    ProtoField found = null;
    for (ProtoField field : ProtoField.of(file)) {
      if (field.number() == 7) {
        found = field;
      } else if (field.number() == 8) {
        opset = (int) field(field.bytes(), 2);
      }
    }
    if (found == null) {
      throw new IOException("no graph in it");
    }
    graph = ProtoField.of(found.bytes());
    for (ProtoField field : graph) {
      if (field.number() == 1) {
        nodes.add(node(field));
      } else if (field.number() == 5) {
        initializer(field);
      }
    }
    for (Node node : nodes) {
      if (isWeight(node)) {
        weights.put(
            node.outputs.getFirst(), Objects.requireNonNull(numbers.get(node.inputs.getFirst())));
      }
    }
  }

  /** A topology from its file. */
  public static HeWeights of(Path file) throws IOException {
    try {
      return new HeWeights(ByteBuffer.wrap(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** Names of the weights of convolutions, in the order of the graph. */
  public List<String> convolutions() {
    return nodes.stream()
        .filter(node -> node.op.equals("Conv") && weights.containsKey(node.inputs.get(1)))
        .map(node -> node.inputs.get(1))
        .toList();
  }

  /** Writes it with seeded weights. */
  public void write(Path target, long seed) throws IOException {
    write(target, seed, (name, dims, values) -> values);
  }

  /** Writes it with seeded weights, changed. */
  public void write(Path target, long seed, Change change) throws IOException {
    Node last = nodes.getLast();
    boolean cut = last.op.equals("Softmax");
    List<Node> computing = cut ? nodes.subList(0, nodes.size() - 1) : nodes;
    List<Node> kept = computing.stream().filter(node -> !isWeight(node)).toList();
    Set<String> used = new HashSet<>();
    kept.forEach(node -> used.addAll(node.inputs));
    var written = new OnnxGraph("he");
    kept.forEach(node -> written.copy(node.field));
    for (Map.Entry<String, long[]> weight : weights.entrySet()) {
      String name = weight.getKey();
      if (!used.contains(name)) {
        continue;
      }
      long[] dims = weight.getValue();
      WeightRole role = role(name, dims);
      int count = (int) Arrays.stream(dims).reduce(1, Math::multiplyExact);
      written.floats(name, () -> change.of(name, dims, role.values(seed, name, count)), dims);
    }
    for (ProtoField field : graph) {
      String name =
          switch (field.number()) {
            case 5 -> text(field.bytes(), 8);
            case 11, 12 -> text(field.bytes(), 1);
            default -> "";
          };
      if ((field.number() == 5 && numbers.containsKey(name) && used.contains(name))
          || (field.number() == 11 && used.contains(name) && !isInitializer(name))) {
        written.copy(field);
      } else if (field.number() == 12) {
        written.output(cut ? last.inputs.getFirst() : name, sizes(field));
      }
    }
    written.write(target, opset);
  }

  private boolean isInitializer(String name) {
    return weights.containsKey(name) || numbers.containsKey(name);
  }

  private boolean isWeight(Node node) {
    return node.op.equals("ConstantOfShape") && numbers.containsKey(node.inputs.getFirst());
  }

  private WeightRole role(String name, long[] dims) throws IOException {
    String value = name;
    for (Node node : nodes) {
      int input = node.inputs.indexOf(value);
      if (input == 0 && (node.op.equals("Unsqueeze") || node.op.equals("Reshape"))) {
        value = node.outputs.getFirst();
      } else if (input >= 0) {
        return WeightRole.of(node.op, input, node.transposed, dims);
      }
    }
    throw new IOException("no node uses the weight " + name);
  }

  private void initializer(ProtoField field) throws IOException {
    List<Long> dims = new ArrayList<>();
    long type = 0;
    String name = "";
    ByteBuffer raw = ByteBuffer.allocate(0);
    for (ProtoField part : ProtoField.of(field.bytes())) {
      switch (part.number()) {
        case 1 -> dims.add(part.value());
        case 2 -> type = part.value();
        case 8 -> name = part.text();
        case 9 -> raw = part.bytes();
        default -> {}
      }
    }
    if (type == INT64) {
      long[] values = new long[raw.remaining() / 8];
      raw.duplicate().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(values);
      numbers.put(name, values);
    } else if (type == 1) {
      weights.put(name, dims.stream().mapToLong(Long::longValue).toArray());
    }
  }

  private static Node node(ProtoField field) throws IOException {
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    String op = "";
    boolean transposed = false;
    for (ProtoField part : ProtoField.of(field.bytes())) {
      switch (part.number()) {
        case 1 -> inputs.add(part.text());
        case 2 -> outputs.add(part.text());
        case 4 -> op = part.text();
        case 5 ->
            transposed |= "transB".equals(text(part.bytes(), 1)) && field(part.bytes(), 3) != 0;
        default -> {}
      }
    }
    return new Node(field, op, inputs, outputs, transposed);
  }

  /** The sizes of a value. */
  private static Object[] sizes(ProtoField value) throws IOException {
    List<Object> sizes = new ArrayList<>();
    ByteBuffer shape = bytes(bytes(bytes(value.bytes(), 2), 1), 2);
    for (ProtoField dim : ProtoField.of(shape)) {
      String name = text(dim.bytes(), 2);
      sizes.add(name.isEmpty() ? (Object) field(dim.bytes(), 1) : name);
    }
    return sizes.toArray();
  }

  private static @Nullable ProtoField find(ByteBuffer message, int number) throws IOException {
    for (ProtoField field : ProtoField.of(message)) {
      if (field.number() == number) {
        return field;
      }
    }
    return null;
  }

  private static long field(ByteBuffer message, int number) throws IOException {
    ProtoField found = find(message, number);
    return found == null ? 0 : found.value();
  }

  private static String text(ByteBuffer message, int number) throws IOException {
    ProtoField found = find(message, number);
    return found == null ? "" : found.text();
  }

  private static ByteBuffer bytes(ByteBuffer message, int number) throws IOException {
    ProtoField found = find(message, number);
    return found == null ? ByteBuffer.allocate(0) : found.bytes();
  }
}

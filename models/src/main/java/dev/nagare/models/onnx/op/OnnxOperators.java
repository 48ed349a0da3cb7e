package dev.nagare.models.onnx.op;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Every operator that can be imported. */
public final class OnnxOperators {
  /** The oldest operator set: those before broadcast otherwise. */
  public static final int FIRST_OPSET = 7;

  /** The newest operator set. */
  public static final int LAST_OPSET = 20;

  private static final Map<String, OnnxOperator> BY_NAME = byName();

  private OnnxOperators() {}

  private static Map<String, OnnxOperator> byName() {
    List<OnnxOperator> all = new ArrayList<>(MovingOperators.ALL);
    all.addAll(ComputingOperators.ALL);
    Map<String, OnnxOperator> byName = new TreeMap<>();
    for (OnnxOperator operator : all) {
      if (byName.put(operator.name(), operator) != null) {
        throw new IllegalStateException(operator.name() + " is listed twice");
      }
    }
    return Collections.unmodifiableMap(byName);
  }

  /** Operators by name. */
  public static Map<String, OnnxOperator> all() {
    return BY_NAME;
  }

  /** The operator of that name, or null if it is not supported. */
  public static @Nullable OnnxOperator named(String name) {
    return BY_NAME.get(name);
  }
}

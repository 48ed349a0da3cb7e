package dev.nagare.oracle;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * libtorch in this JVM, through DJL: runs TorchScript in f64 and differentiates it.
 *
 * <p>Its library comes from a Maven artifact and is unpacked once, into the user's cache; nothing
 * is fetched and nothing reported at run time. One thread.
 */
final class Libtorch {
  private static final Libtorch INSTANCE = new Libtorch();

  private final Engine engine;
  private final PtNDManager manager;
  private final Map<String, PtSymbolBlock> modules = new HashMap<>();

  /**
   * What a function gave.
   *
   * @param results in the order of its list
   * @param gradients of the operands, in their order; none if no weights were given
   */
  record Outcome(List<Values> results, List<Values> gradients) {}

  private Libtorch() {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.pytorch.num_threads", "1");
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    if (System.getenv("DJL_CACHE_DIR") == null) {
      Path cache = Path.of(System.getProperty("user.home"), ".cache", "nagare", "djl");
      System.setProperty("DJL_CACHE_DIR", cache.toString());
    }
    engine = Engine.getEngine("PyTorch");
    manager = (PtNDManager) engine.newBaseManager(Device.cpu());
  }

  /** Version of the library. */
  static String version() {
    return INSTANCE.engine.getVersion();
  }

  /**
   * Runs a function of constants.
   *
   * @param body TorchScript that returns a list of tensors
   * @param inputs by the names that the body uses
   */
  static List<Values> run(String body, Map<String, Values> inputs) {
    return INSTANCE.call(body, inputs, Map.of(), List.of()).results;
  }

  /**
   * Runs a function and the backward of its results' product with weights.
   *
   * @param constants inputs without a gradient
   * @param operands inputs with one
   * @param weights one like each result
   */
  static Outcome run(
      String body,
      Map<String, Values> constants,
      Map<String, Values> operands,
      List<Values> weights) {
    return INSTANCE.call(body, constants, operands, weights);
  }

  private synchronized Outcome call(
      String body,
      Map<String, Values> constants,
      Map<String, Values> operands,
      List<Values> weights) {
    try (NDManager call = manager.newSubManager()) {
      List<String> names = new ArrayList<>(constants.keySet());
      names.addAll(operands.keySet());
      var arguments = new NDList();
      constants.values().forEach(values -> arguments.add(array(call, values)));
      operands.values().forEach(values -> arguments.add(leaf(call, values)));
      List<NDArray> leaves = arguments.subList(constants.size(), names.size());
      List<Values> results = new ArrayList<>();
      List<Values> gradients = new ArrayList<>();
      try (GradientCollector collector = engine.newGradientCollector();
          NDList outputs = IValueUtils.forward(module(body, names), arguments, true)) {
        outputs.forEach(output -> results.add(values(output)));
        if (!weights.isEmpty()) {
          collector.backward(product(call, outputs, weights));
          leaves.forEach(leaf -> gradients.add(gradient(leaf)));
        }
      }
      return new Outcome(results, gradients);
    }
  }

  private PtSymbolBlock module(String body, List<String> arguments) {
    return modules.computeIfAbsent(TorchScript.source(arguments, body), this::load);
  }

  private PtSymbolBlock load(String source) {
    try {
      var archive = new ByteArrayInputStream(TorchScript.archive(source));
      return JniUtils.loadModule(manager, archive, false, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // of a stream from memory
    }
  }

  private static NDArray product(NDManager call, NDList outputs, List<Values> weights) {
    NDArray sum = call.create(0d);
    for (int i = 0; i < weights.size(); i++) {
      sum = sum.add(outputs.get(i).mul(array(call, weights.get(i))).sum());
    }
    return sum;
  }

  private static NDArray array(NDManager call, Values values) {
    return call.create(values.elements(), new Shape(values.shape()));
  }

  private static NDArray leaf(NDManager call, Values values) {
    NDArray leaf = array(call, values);
    leaf.setRequiresGradient(true);
    return leaf;
  }

  private static Values values(NDArray array) {
    return new Values(array.toDoubleArray(), array.getShape().getShape());
  }

  private static Values gradient(NDArray operand) {
    try (NDArray gradient = operand.getGradient()) {
      return values(gradient);
    }
  }
}

package dev.nagare.loadtest.bench;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.Linear;
import dev.nagare.nn.Module;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.loss.SoftmaxCrossEntropy;
import dev.nagare.optim.Adam;
import dev.nagare.optim.ClipNorm;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;

/**
 * What a classifier without memory makes of the same inputs: two hidden ReLU layers on one row's
 * features and the label of the row before, scored and then learned row by row, in batches.
 *
 * <p>Features are standardised by their running mean and deviation. Not thread-safe.
 */
public final class MemorylessMlp implements AutoCloseable {
  private static final double LARGEST_INPUT = 8;
  private static final double CLIP = 1;

  private final int features;
  private final int classes;
  private final int batch;
  private final double learningRate;
  private final Kernels kernels = KernelProviders.firstOf(List.of("vector", "scalar")).kernels();
  private final ProcessMemory memory = new ProcessMemory("mlp");
  private final Scope scope = new Scope(1 << 18);
  private final Tape tape = new Tape(kernels, scope);
  private final Network network;
  private final Adam adam;
  private final ClipNorm clip = new ClipNorm(CLIP);
  private final SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy();
  private final Tensor inputs;
  private final Tensor labels;
  private final double[] mean;
  private final double[] square;
  private long rows;
  private int previous = -1;

  /**
   * Creates a fresh network.
   *
   * @param features values of a row before its label
   * @param classes labels are 0 to {@code classes - 1}
   * @param hidden units in each hidden layer
   * @param batch rows per Adam step
   * @param learningRate of every step
   */
  public MemorylessMlp(
      int features, int classes, int hidden, int batch, double learningRate, long seed) {
    this.features = features;
    this.classes = classes;
    this.batch = batch;
    this.learningRate = learningRate;
    this.network =
        new Network(
            new ParameterFactory(memory, DType.F32, seed), features + classes, hidden, classes);
    this.adam = new Adam(kernels, network.parameters(), memory);
    this.inputs = memory.zeros(DType.F32, Shape.of(batch, features + classes));
    this.labels = memory.zeros(DType.F32, Shape.of(batch));
    this.mean = new double[features];
    this.square = new double[features];
  }

  /**
   * Predicts a row's class, then learns it.
   *
   * @param row features, then the label
   * @return the class that was predicted before the label was looked at
   */
  public int observe(float[] row) {
    int slot = (int) (rows % batch);
    encode(row, slot);
    int said = predict(slot);
    previous = (int) row[features];
    labels.set(slot, previous);
    rows++;
    for (int f = 0; f < features; f++) {
      double weight = Math.max(1.0 / rows, 1e-3);
      mean[f] += weight * (row[f] - mean[f]);
      square[f] += weight * ((double) row[f] * row[f] - square[f]);
    }
    if (slot == batch - 1) {
      Variable out = network.forward(tape.constant(inputs));
      loss.forward(out, tape.constant(labels)).backward();
      adam.step(learningRate, clip.scale(ClipNorm.norm(kernels, network.parameters())));
      tape.reset();
    }
    return said;
  }

  private void encode(float[] row, int slot) {
    long at = (long) slot * (features + classes);
    for (int f = 0; f < features; f++) {
      double deviation = Math.sqrt(Math.max(0, square[f] - mean[f] * mean[f]));
      double z = deviation > 1e-6 ? (row[f] - mean[f]) / deviation : 0;
      inputs.set(at + f, Math.clamp(z, -LARGEST_INPUT, LARGEST_INPUT));
    }
    for (int c = 0; c < classes; c++) {
      inputs.set(at + features + c, c == previous ? 1 : 0);
    }
  }

  private int predict(int slot) {
    int best = 0;
    try (var _ = tape.noGrad()) {
      Tensor logits = network.forward(tape.constant(inputs.narrow(slot, 1))).value();
      for (int c = 1; c < classes; c++) {
        best = logits.get(c) > logits.get(best) ? c : best;
      }
    }
    tape.reset();
    return best;
  }

  @Override
  public void close() {
    scope.close();
    memory.close();
  }

  @SuppressWarnings("JavaLangClash") // see Module
  private static final class Network extends Module {
    private final Linear first;
    private final Linear second;
    private final Linear head;

    Network(ParameterFactory factory, int inputs, int hidden, int classes) {
      first = register("first", new Linear(factory, inputs, hidden));
      second = register("second", new Linear(factory, hidden, hidden));
      head = register("head", Linear.zeros(factory, hidden, classes));
    }

    Variable forward(Variable x) {
      return head.forward(second.forward(first.forward(x).relu()).relu());
    }
  }
}

package dev.nagare.models.inference;

import dev.nagare.graph.plan.PlanOptions;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A model in BF16 and the same in F32, asked the same questions.
 *
 * <p>For one thread at a time.
 */
public final class AccuracyCheck implements AutoCloseable {
  private static final int SEEDS = 2;
  private static final long ROWS = 4;

  /** Sizes that are tried in turn for what is named and is no first axis. */
  private static final long[] SIZES = {32, 64, 128, 224};

  private final CompiledModel exact;
  private final CompiledModel half;
  private final MemoryBudget.Meanwhile meanwhile;
  private boolean taken; // by somebody who closes it

  /**
   * Loads both.
   *
   * @param options of the one in BF16, whatever their dtype
   * @throws TensorException kind MISMATCH if the machine does not multiply BF16, with the reason
   */
  public AccuracyCheck(Path file, ModelOptions options) throws IOException {
    this(file, options, MemoryBudget.UNLIMITED, null);
  }

  private AccuracyCheck(
      Path file, ModelOptions options, MemoryBudget budget, @Nullable InferenceModel before)
      throws IOException {
    PlanOptions plan = options.plan();
    meanwhile = budget.meanwhile();
    half = CompiledModel.load(file, Map.of(), options.plan(plan.dtype(DType.BF16)), budget, before);
    try {
      var few = options.plan(plan.dtype(DType.F32)).mostRows((int) ROWS);
      exact = CompiledModel.load(file, Map.of(), few, meanwhile, null);
    } catch (IOException | RuntimeException | Error e) {
      half.close();
      meanwhile.close();
      throw e;
    }
  }

  /**
   * Loads a model in BF16 if it loses little: if every output's cosine with F32, over made-up
   * inputs, is at least so much. The numbers are among its {@link InferenceModel#parameters}. Costs
   * twice the time and, for a while, twice the memory of loading it in F32.
   *
   * @param leastCosine from -1 to 1, {@link Accuracy#LEAST_COSINE} if in doubt; -1 loads it
   *     unchecked
   * @param budget asked for both, for the one in F32 {@linkplain MemoryBudget#meanwhile meanwhile}
   * @param before another version, of which the one in BF16 takes over what is the same; null for
   *     none
   * @throws TensorException kind MISMATCH with the numbers if it loses more, with the reason if no
   *     inputs can be made up, or if the machine does not multiply BF16; kind OUT_OF_BUDGET as the
   *     budget says it
   */
  public static CompiledModel load(
      Path file,
      ModelOptions options,
      double leastCosine,
      MemoryBudget budget,
      @Nullable InferenceModel before)
      throws IOException {
    if (leastCosine <= -1) {
      var half = options.plan(options.plan().dtype(DType.BF16));
      return CompiledModel.load(file, Map.of(), half, budget, before);
    }
    try (var check = new AccuracyCheck(file, options, budget, before)) {
      Accuracy found = check.seeded(Map.of(), 1);
      if (!found.reaches(leastCosine)) {
        throw TensorException.mismatch(
            String.format(
                Locale.ROOT,
                "precision bf16: expected of every output a cosine of at least %s with f32, got %s;"
                    + " take precision f32, or a lower least-cosine if that is good enough",
                leastCosine,
                found));
      }
      check.half.checked(found);
      return check.takeHalf();
    }
  }

  private CompiledModel takeHalf() {
    taken = true;
    return half;
  }

  /** What the model takes. */
  public List<TensorSpec> inputs() {
    return half.inputs();
  }

  /** Compares the answers to one question. */
  public Accuracy on(List<Tensor> question) {
    return on(List.of(question));
  }

  private Accuracy on(Iterable<List<Tensor>> questions) {
    List<OutputSums> sums = new ArrayList<>();
    half.outputs().forEach(output -> sums.add(new OutputSums(output.name())));
    try (InferenceModel.Session one = exact.open();
        InferenceModel.Session other = half.open()) {
      for (List<Tensor> question : questions) {
        var _ = exact.size(question); // refuses sizes that do not fit each other
        List<Tensor> expected = one.run(List.of(question)).getFirst();
        List<Tensor> got = other.run(List.of(question)).getFirst();
        for (int i = 0; i < sums.size(); i++) {
          sums.get(i).add(expected.get(i), got.get(i));
        }
      }
    }
    return new Accuracy(sums.stream().map(OutputSums::output).toList());
  }

  /**
   * Compares the answers to made-up questions of 4 rows.
   *
   * @param sizes numbers for named sizes; those without one are 4 on a first axis and, elsewhere,
   *     the first of 32, 64, 128 and 224 that the model takes
   * @param seed of the elements
   * @throws TensorException kind MISMATCH if a name is unknown or the model takes no such inputs,
   *     with what it said to the last
   */
  public Accuracy seeded(Map<String, Long> sizes, long seed) {
    SampleInputs samples = half.samples();
    if (!samples.names().containsAll(sizes.keySet())) {
      throw TensorException.mismatch(
          "sizes " + sizes.keySet() + ": expected some of " + samples.names());
    }
    TensorException refused = null;
    for (long size : SIZES) {
      Map<String, Long> all = new TreeMap<>();
      samples.names().forEach(name -> all.put(name, samples.isFirst(name) ? ROWS : size));
      all.putAll(sizes);
      try (var memory = new ProcessMemory("accuracy")) {
        List<List<Tensor>> questions = new ArrayList<>();
        for (int i = 0; i < SEEDS; i++) {
          questions.add(samples.make(all, seed + i, memory));
        }
        return on(questions);
      } catch (TensorException e) {
        refused =
            new TensorException(e.kind(), "made-up inputs of " + all + ": " + e.getMessage(), e);
      }
    }
    throw refused == null ? new IllegalStateException("no size was tried") : refused;
  }

  @Override
  public void close() {
    exact.close();
    meanwhile.close();
    if (!taken) {
      half.close();
    }
  }
}

package dev.nagare.models.onnx;

import static dev.nagare.models.onnx.OnnxBytes.FLOAT;
import static dev.nagare.models.onnx.OnnxBytes.INT64;
import static dev.nagare.models.onnx.OnnxBytes.floats;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nagare.models.inference.Accuracy;
import dev.nagare.models.inference.AccuracyCheck;
import dev.nagare.models.inference.CompiledModel;
import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.MemoryBudget;
import dev.nagare.models.inference.ModelOptions;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models in BF16 held against F32. */
class AccuracyCheckTest {
  private static final ModelOptions BEST = ModelOptions.best();
  private static final double EXACT_ONLY = 1;

  @TempDir private Path folder;

  private static void needsBFloat16() {
    String why = BEST.kernels().prepared().whyNoBFloat16();
    assumeTrue(why.isEmpty(), "not here: " + why);
  }

  private static float[] random(int count, int stream) {
    var random = new CounterRandom(7, 0, stream);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.uniform(i) - 0.5f;
    }
    return values;
  }

  private Path twoLayers() throws IOException {
    return new OnnxBytes()
        .input("x", FLOAT, "batch", 64)
        .constant(floats("a", new long[] {64, 96}, random(64 * 96, 0)))
        .constant(floats("b", new long[] {96, 10}, random(96 * 10, 1)))
        .node("MatMul", List.of("x", "a"), "inner")
        .node("Relu", List.of("inner"), "positive")
        .node("MatMul", List.of("positive", "b"), "y")
        .output("y")
        .write(folder);
  }

  /** {@code x·(1000.5·I) - x·(1000·I)}: what is left is less than BF16 rounds off. */
  private Path cancelling() throws IOException {
    float[] more = new float[64 * 64];
    float[] less = new float[64 * 64];
    for (int i = 0; i < 64; i++) {
      more[65 * i] = 1000.5f;
      less[65 * i] = 1000;
    }
    return new OnnxBytes()
        .input("x", FLOAT, "batch", 64)
        .constant(floats("more", new long[] {64, 64}, more))
        .constant(floats("less", new long[] {64, 64}, less))
        .node("MatMul", List.of("x", "more"), "one")
        .node("MatMul", List.of("x", "less"), "other")
        .node("Sub", List.of("one", "other"), "y")
        .output("y")
        .write(folder);
  }

  @Test
  void aModelThatLosesLittleIsLoadedAndSaysHowLittle() throws IOException {
    needsBFloat16();
    Path file = twoLayers();
    try (var check = new AccuracyCheck(file, BEST)) {
      Accuracy found = check.seeded(Map.of(), 1);
      assertThat(found.outputs()).hasSize(1);
      Accuracy.Output y = found.outputs().getFirst();
      assertThat(y.name()).isEqualTo("y");
      assertThat(y.cosine()).isBetween(0.999, 1.0);
      assertThat(y.error()).as("something is rounded").isBetween(1e-6, 0.05);
      assertThat(check.seeded(Map.of(), 1)).isEqualTo(found);
      assertThat(check.seeded(Map.of(), 2)).isNotEqualTo(found);
    }
    try (CompiledModel model = load(file, BEST, Accuracy.LEAST_COSINE);
        InferenceModel.Session session = model.open();
        var memory = new ProcessMemory("test")) {
      assertThat(model.parameters()).containsEntry("precision", "bf16");
      assertThat(model.parameters().get("accuracy")).startsWith("y cosine 0.999");
      var x = memory.of(Shape.of(1, 64), random(64, 2));
      assertThat(session.run(List.of(List.of(x))).getFirst().getFirst().shape())
          .isEqualTo(Shape.of(1, 10));
    }
  }

  @Test
  void aModelThatLosesTooMuchIsRefusedWithTheNumbersUnlessAskedFor() throws IOException {
    needsBFloat16();
    Path file = cancelling();
    assertThatThrownBy(() -> load(file, BEST, Accuracy.LEAST_COSINE))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("expected of every output a cosine of at least 0.999 with f32, got y")
        .hasMessageContaining("of its scale; take precision f32");
    try (CompiledModel model = load(file, BEST, -1)) {
      assertThat(model.parameters()).isEqualTo(Map.of("precision", "bf16"));
    }
  }

  @Test
  void aBudgetIsAskedForTheModelInF32TooWhichGivesBackWhatItTook() throws IOException {
    needsBFloat16();
    var half = new Counted();
    try (var _ = AccuracyCheck.load(twoLayers(), BEST, Accuracy.LEAST_COSINE, half, null)) {
      assertThat(half.asked).hasSize(2);
      Counted exact = half.meanwhile.getFirst();
      assertThat(exact.asked).hasSize(2).first().isEqualTo(half.asked.getFirst());
      assertThat(exact.closed).isTrue();
      assertThat(half.closed).isFalse();
    }
  }

  /** Remembers what it is asked for. */
  private static final class Counted implements MemoryBudget.Meanwhile {
    private final List<Long> asked = new ArrayList<>();
    private final List<Counted> meanwhile = new ArrayList<>();
    private boolean closed;

    @Override
    public void weights(long bytes) {
      asked.add(bytes);
    }

    @Override
    public void plan(long bytesOfALane) {
      asked.add(bytesOfALane);
    }

    @Override
    public Meanwhile meanwhile() {
      meanwhile.add(new Counted());
      return meanwhile.getLast();
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private static CompiledModel load(Path file, ModelOptions options, double leastCosine)
      throws IOException {
    return AccuracyCheck.load(file, options, leastCosine, MemoryBudget.UNLIMITED, null);
  }

  @Test
  void inputsThatAreGivenAreComparedToo() throws IOException {
    needsBFloat16();
    try (var check = new AccuracyCheck(twoLayers(), BEST);
        var memory = new ProcessMemory("test")) {
      var zeros = memory.of(Shape.of(2, 64), new float[128]);
      assertThat(check.on(List.of(zeros)).reaches(EXACT_ONLY)).as("0 is exact").isTrue();
      var x = memory.of(Shape.of(2, 64), random(128, 3));
      assertThat(check.on(List.of(x)).outputs().getFirst().error()).isPositive();
    }
  }

  @Test
  void madeUpIntegersAreRowsOfTheirTablesAndMasksShowEverything() throws IOException {
    needsBFloat16();
    Path file =
        new OnnxBytes()
            .input("ids", INT64, "batch", "seq")
            .input("mask", INT64, "batch", "seq")
            .constant(floats("table", new long[] {40, 16}, random(640, 4)))
            .constant(floats("w", new long[] {16, 8}, random(128, 5)))
            .node("Cast", List.of("mask"), "shown", OnnxBytes.integer("to", 1))
            .node("Unsqueeze", List.of("shown", "last"), "column")
            .constant(OnnxBytes.longs("last", new long[] {1}, -1))
            .node("Gather", List.of("table", "ids"), "rows")
            .node("Mul", List.of("rows", "column"), "seen")
            .node("MatMul", List.of("seen", "w"), "y")
            .output("y")
            .write(folder);
    try (var check = new AccuracyCheck(file, BEST)) {
      Accuracy found = check.seeded(Map.of("seq", 9L), 1);
      assertThat(found.outputs().getFirst().scale()).as("something is shown").isNotEqualTo(1);
      assertThat(found.reaches(Accuracy.LEAST_COSINE)).isTrue();
      assertThatThrownBy(() -> check.seeded(Map.of("length", 9L), 1))
          .hasMessage("sizes [length]: expected some of [batch, seq]");
    }
  }

  @Test
  void sizesAreTriedUntilTheModelTakesThem() throws IOException {
    needsBFloat16();
    Path file =
        new OnnxBytes()
            .input("x", FLOAT, "batch", "wide")
            .constant(floats("w", new long[] {128, 4}, random(512, 6)))
            .node("MatMul", List.of("x", "w"), "y")
            .output("y")
            .write(folder);
    try (var check = new AccuracyCheck(file, BEST)) {
      assertThat(check.seeded(Map.of(), 1).reaches(Accuracy.LEAST_COSINE)).isTrue();
      assertThatThrownBy(() -> check.seeded(Map.of("wide", 7L), 1))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("made-up inputs of {batch=4, wide=7}: ");
    }
  }

  @Test
  void whereNothingMultipliesBFloat16ThereIsASentence() throws IOException {
    var scalar = KernelProviders.byName("scalar").kernels();
    var options =
        new ModelOptions(scalar, BEST.plan(), BEST.mostRows(), BEST.mostTokens(), Map.of());
    assertThatThrownBy(() -> load(twoLayers(), options, Accuracy.LEAST_COSINE))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("no BF16 here: ");
  }
}

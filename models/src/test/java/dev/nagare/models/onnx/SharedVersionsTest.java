package dev.nagare.models.onnx;

import static dev.nagare.models.onnx.OnnxBytes.FLOAT;
import static dev.nagare.models.onnx.OnnxBytes.floats;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.models.inference.CompiledModel;
import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.MemoryBudget;
import dev.nagare.models.inference.ModelOptions;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions of files that differ in their weights alone take over what was compiled. */
class SharedVersionsTest {
  @TempDir private Path folder;

  private final AtomicInteger kernelsMade = new AtomicInteger();

  private ModelOptions options() {
    ModelOptions best = ModelOptions.best().mostRows(8);
    Kernels counted = new CountedKernels(kernelsMade).kernels(best.kernels());
    return new ModelOptions(counted, best.plan(), 8, 64, Map.of());
  }

  private Path version(int number) throws IOException {
    return Files.createDirectory(folder.resolve(Integer.toString(number)));
  }

  private Path product(int number) throws IOException {
    return new OnnxBytes()
        .input("x", FLOAT, "N", 2)
        .constant(floats("w", new long[] {2, 2}, number, 2, 3, 4))
        .node("MatMul", List.of("x", "w"), "y")
        .output("y")
        .write(version(number));
  }

  private static CompiledModel load(
      Path file, ModelOptions options, @Nullable InferenceModel before) throws IOException {
    return CompiledModel.load(file, Map.of(), options, MemoryBudget.UNLIMITED, before);
  }

  private static float[] answer(InferenceModel.Session session, Tensor input) {
    return session.run(List.of(List.of(input))).getFirst().getFirst().toFloats();
  }

  @Test
  void aVersionOverRowsCompilesNothingAndAnswersWithItsOwnWeights() throws IOException {
    ModelOptions options = options();
    CompiledModel first = load(product(1), options, null);
    int made = kernelsMade.get();
    assertThat(made).isPositive();
    try (CompiledModel second = load(product(2), options, first);
        Scope scope = new Scope(1 << 10);
        var now = second.open()) {
      assertThat(kernelsMade).hasValue(made);
      assertThat(second.planned()).isEqualTo(first.planned());
      Tensor x = scope.of(Shape.of(3, 2), 1, 0, 0, 1, 1, 1);
      try (var before = first.open()) {
        for (int i = 0; i < 2; i++) {
          assertThat(answer(before, x)).containsExactly(1, 2, 3, 4, 4, 6);
          assertThat(answer(now, x)).containsExactly(2, 2, 3, 4, 5, 6);
        }
      }
      first.close();
      assertThat(answer(now, x)).containsExactly(2, 2, 3, 4, 5, 6);
    }
  }

  @Test
  void aVersionOverTokensCompilesNothingAndAnswersWithItsOwnWeights() throws IOException {
    ModelOptions options = options();
    try (Scope scope = new Scope(1 << 10);
        CompiledModel alone = load(Encoder.write(version(3), Encoder.SCALE, 2), options, null);
        CompiledModel first = load(Encoder.write(version(1), Encoder.SCALE), options, null)) {
      int made = kernelsMade.get();
      try (CompiledModel second =
              load(Encoder.write(version(2), Encoder.SCALE, 2), options, first);
          var expected = alone.open();
          var before = first.open();
          var now = second.open()) {
        assertThat(kernelsMade).hasValue(made);
        Tensor ids = scope.empty(DType.I64, Shape.of(1, 9));
        for (int i = 0; i < 9; i++) {
          ids.setLong(i, i % 7);
        }
        float[] firsts = answer(before, ids);
        float[] seconds = answer(now, ids);
        assertThat(seconds).isEqualTo(answer(expected, ids)).isNotEqualTo(firsts);
        assertThat(answer(before, ids)).isEqualTo(firsts);
      }
    }
  }

  @Test
  void aVersionWithAnotherNumberBuiltInIsCompiledAnew() throws IOException {
    ModelOptions options = options();
    try (Scope scope = new Scope(1 << 10);
        CompiledModel first = load(Encoder.write(version(1), Encoder.SCALE), options, null);
        CompiledModel second = load(Encoder.write(version(2), 2 * Encoder.SCALE), options, first);
        var before = first.open();
        var now = second.open()) {
      Tensor ids = scope.empty(DType.I64, Shape.of(1, 2));
      ids.setLong(0, 1);
      ids.setLong(1, 5);
      assertThat(answer(now, ids)).isNotEqualTo(answer(before, ids));
    }
  }

  @Test
  void aVersionWithOtherOptionsIsCompiledAnew() throws IOException {
    ModelOptions options = options();
    try (CompiledModel first = load(product(1), options, null)) {
      int made = kernelsMade.get();
      load(product(2), options.mostRows(16), first).close();
      assertThat(kernelsMade.get()).isGreaterThan(made);
    }
  }
}

package dev.nagare.models.onnx;

import static dev.nagare.models.onnx.OnnxBytes.FLOAT;
import static dev.nagare.models.onnx.OnnxBytes.INT64;
import static dev.nagare.models.onnx.OnnxBytes.floats;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import dev.nagare.models.inference.CompiledModel;
import dev.nagare.models.inference.InferenceModel.Size;
import dev.nagare.models.inference.MemoryBudget;
import dev.nagare.models.inference.ModelOptions;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompiledModelTest {
  @TempDir private Path folder;

  @Test
  void questionsToAModelWithoutRowsAreOfOneKindAndEachHasARunOfItsOwn() throws IOException {
    Path file =
        new OnnxBytes()
            .input("x", FLOAT, "n")
            .node("CumSum", List.of("x", "axis"), "y")
            .constant(OnnxBytes.longs("axis", new long[] {}, 0))
            .output("y")
            .write(folder);
    try (CompiledModel model = CompiledModel.load(file, Map.of(), ModelOptions.best());
        Scope scope = new Scope(1 << 10);
        var session = model.open()) {
      Size three = model.size(List.of(scope.of(Shape.of(3), 1, 2, 3)));
      Size two = model.size(List.of(scope.of(Shape.of(2), 1, 2)));
      assertThat(three.together()).isFalse();
      assertThat(three.rows()).isOne();
      assertThat(three.kind()).isEqualTo(two.kind());
      var answers = session.run(List.of(List.of(scope.of(Shape.of(3), 1, 2, 3))));
      assertThat(answers.getFirst().getFirst().toFloats()).containsExactly(1, 3, 6);
      assertThat(model.elements(0, List.of(scope.of(Shape.of(3), 1, 2, 3)))).isEqualTo(3);
    }
  }

  @Test
  void questionsOfRowsRunTogether() throws IOException {
    try (CompiledModel model =
            CompiledModel.load(product(), Map.of(), ModelOptions.best().mostRows(4));
        Scope scope = new Scope(1 << 10)) {
      Size one = model.size(List.of(scope.of(Shape.of(1, 2), 1, 2)));
      Size two = model.size(List.of(scope.of(Shape.of(2, 2), 1, 2, 3, 4)));
      assertThat(two).isEqualTo(new Size(2, 2, one.kind(), true));
      assertThat(model.elements(0, List.of(scope.of(Shape.of(3, 2), 1, 2, 3, 4, 5, 6))))
          .isEqualTo(3 * 2);
    }
  }

  @Test
  void aVersionIsMadeReadyForWhatCallersOfTheOneBeforeAsked() throws IOException {
    ModelOptions options = ModelOptions.best().mostRows(40);
    try (CompiledModel before = CompiledModel.load(product(), Map.of(), options);
        CompiledModel next = CompiledModel.load(product(), Map.of(), options);
        Scope scope = new Scope(1 << 12)) {
      List<Long> first = before.planned();
      try (var session = before.open()) {
        var five = List.of(List.of(scope.zeros(DType.F32, Shape.of(5, 2))));
        await()
            .until(
                () -> {
                  var _ = session.run(five);
                  return before.planned().size() > first.size();
                });
      }
      assertThat(next.planned()).isEqualTo(first);
      next.prepareLike(before);
      assertThat(next.planned()).isEqualTo(before.planned());
    }
  }

  @Test
  void whoOpensASessionHasOpenedItsFramesSoThatNoFirstCallerDoes() throws IOException {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (CompiledModel model =
            CompiledModel.load(product(), Map.of(), ModelOptions.best().mostRows(4));
        Scope scope = new Scope(1 << 10);
        var warm = model.open();
        var session = model.open()) {
      var questions = List.of(List.of(scope.of(Shape.of(4, 2), 1, 2, 3, 4, 5, 6, 7, 8)));
      for (int i = 0; i < 3; i++) {
        var _ = warm.run(questions);
      }
      long[] allocated = new long[2];
      for (int run = 0; run < allocated.length; run++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        var _ = session.run(questions);
        allocated[run] = threads.getCurrentThreadAllocatedBytes() - before;
      }
      assertThat(allocated[0]).isLessThan(allocated[1] + 512); // a frame is some kilobytes
    }
  }

  @Test
  void sequencesRunInPartsAndLongOnesAloneWithTheBitsOfEachByItself() throws IOException {
    float[] table = new float[7 * 40];
    float[] weight = new float[40 * 24];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = (i * 7919 % 128 - 64) / 32f;
      table[i % table.length] = (i * 104729 % 256 - 128) / 64f;
    }
    Path file =
        new OnnxBytes()
            .input("ids", INT64, "N", "S")
            .constant(floats("table", new long[] {7, 40}, table))
            .constant(floats("w", new long[] {40, 24}, weight))
            .node("Gather", List.of("table", "ids"), "embedded")
            .node("MatMul", List.of("embedded", "w"), "y")
            .output("y")
            .write(folder);
    try (CompiledModel model = CompiledModel.load(file, Map.of(), ModelOptions.best());
        var memory = new ProcessMemory("test");
        var together = model.open();
        var alone = model.open()) {
      List<List<Tensor>> questions = new ArrayList<>();
      for (int[] shape :
          new int[][] {
            {1, 5}, {1, 200}, {1, 300}, {1, 3}, {3, 100}, {1, 256}, {1, 1}, {1, 700}, {40, 9}
          }) {
        long[] ids = new long[shape[0] * shape[1]];
        Arrays.setAll(ids, i -> i * 5 % 7);
        questions.add(List.of(memory.ofLongs(Shape.of(shape[0], shape[1]), ids)));
      }
      assertThat(model.size(questions.get(7)).kind())
          .as("a long one is no other kind")
          .isEqualTo(model.size(questions.getFirst()).kind());
      for (int round = 0; round < 3; round++) { // with the plans of the round before, too
        List<List<Tensor>> answers = together.run(questions);
        for (int i = 0; i < questions.size(); i++) {
          assertThat(answers.get(i).getFirst().toFloats())
              .as("question %d", i)
              .isEqualTo(alone.run(List.of(questions.get(i))).getFirst().getFirst().toFloats());
        }
      }
    }
  }

  @Test
  void aBudgetIsAskedForTheWeightsTwiceAndThenForThePlan() throws IOException {
    List<Long> asked = new ArrayList<>();
    try (var _ =
        CompiledModel.load(
            product(), Map.of(), ModelOptions.best().mostRows(4), new Counted(asked, 100))) {
      assertThat(asked).hasSize(2).first().isEqualTo(2 * 4 * 4L);
      assertThat(asked.getLast()).as("4 rows of x and y at least").isGreaterThanOrEqualTo(4 * 16);
    }
  }

  @Test
  void whatABudgetRefusesIsNotLoadedAndLeavesNothing() throws IOException {
    for (int allowed = 0; allowed < 2; allowed++) {
      List<Long> asked = new ArrayList<>();
      var budget = new Counted(asked, allowed);
      Path file = product();
      assertThatThrownBy(
              () -> CompiledModel.load(file, Map.of(), ModelOptions.best().mostRows(4), budget))
          .isInstanceOf(TensorException.class)
          .hasMessage("enough");
      assertThat(asked).hasSize(allowed + 1);
    }
  }

  /** {@code y = x w}, of [N, 2] and [2, 2]. */
  private Path product() throws IOException {
    return new OnnxBytes()
        .input("x", FLOAT, "N", 2)
        .constant(floats("w", new long[] {2, 2}, 1, 2, 3, 4))
        .node("MatMul", List.of("x", "w"), "y")
        .output("y")
        .write(folder);
  }

  /** Refuses what comes after so many. */
  private record Counted(List<Long> asked, int allowed) implements MemoryBudget {
    @Override
    public void weights(long bytes) {
      take(bytes);
    }

    @Override
    public void plan(long bytesOfALane) {
      take(bytesOfALane);
    }

    @Override
    public Meanwhile meanwhile() {
      return UNLIMITED;
    }

    private void take(long bytes) {
      asked.add(bytes);
      if (asked.size() > allowed) {
        throw new TensorException(TensorException.Kind.OUT_OF_BUDGET, "enough");
      }
    }
  }
}

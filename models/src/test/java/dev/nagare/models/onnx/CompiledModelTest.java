package dev.nagare.models.onnx;

import static dev.nagare.models.onnx.OnnxBytes.FLOAT;
import static dev.nagare.models.onnx.OnnxBytes.INT64;
import static dev.nagare.models.onnx.OnnxBytes.floats;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import dev.nagare.graph.plan.Buckets;
import dev.nagare.models.inference.CompiledModel;
import dev.nagare.models.inference.InferenceModel;
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
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
  void attentionAcrossPartsHasTheBitsOfEachSequenceByItselfOnTwoLanesAtOnce() throws Exception {
    try (CompiledModel model =
            CompiledModel.load(
                Encoder.write(folder, Encoder.SCALE), Map.of(), ModelOptions.best());
        var memory = new ProcessMemory("test");
        var alone = model.open();
        ExecutorService lanes = Executors.newFixedThreadPool(2)) {
      List<List<Tensor>> questions = new ArrayList<>();
      for (int[] shape :
          new int[][] {
            {1, 200}, {1, 300}, {1, 57}, {3, 100}, {1, 256}, {1, 1}, {1, 257}, {40, 9}
          }) {
        long[] ids = new long[shape[0] * shape[1]];
        Arrays.setAll(ids, i -> i * i % 7);
        questions.add(List.of(memory.ofLongs(Shape.of(shape[0], shape[1]), ids)));
      }
      List<float[]> expected = new ArrayList<>();
      for (List<Tensor> question : questions) {
        assertThat(model.size(question).kind())
            .as("without padding")
            .isEqualTo(model.size(questions.getFirst()).kind());
        expected.add(alone.run(List.of(question)).getFirst().getFirst().toFloats());
      }
      assertThat(expected.get(0)).doesNotContain(Float.NaN);
      assertAttends(questions.get(1).getFirst(), expected.get(1));
      var start = new CyclicBarrier(2);
      List<Future<Boolean>> same = new ArrayList<>();
      for (int lane = 0; lane < 2; lane++) {
        int turn = 3 * lane;
        same.add(
            lanes.submit(
                () -> {
                  try (var session = model.open()) {
                    start.await();
                    return hasSameBits(session, questions, expected, turn);
                  }
                }));
      }
      for (Future<Boolean> one : same) {
        assertThat(one.get()).isTrue();
      }
    }
  }

  /** Whether all together, in another order each time, have the bits that are expected. */
  private static boolean hasSameBits(
      InferenceModel.Session session,
      List<List<Tensor>> questions,
      List<float[]> expected,
      int turn) {
    boolean same = true;
    int count = questions.size();
    for (int round = 0; round < 6; round++) { // with the plans of the round before, too
      List<List<Tensor>> turned = new ArrayList<>(questions);
      Collections.rotate(turned, turn + round);
      List<List<Tensor>> answers = session.run(turned);
      for (int i = 0; i < count; i++) {
        float[] wanted = expected.get(Math.floorMod(i - turn - round, count));
        same &= Arrays.equals(answers.get(i).getFirst().toFloats(), wanted);
      }
    }
    return same;
  }

  /** Attention as it is defined: every token sees all of the sequence. */
  private static void assertAttends(Tensor ids, float[] actual) {
    int length = (int) ids.elements();
    float[] table = Encoder.numbers(7 * Encoder.WIDTH, 104729);
    double[][] q = projected(ids, table, Encoder.numbers(Encoder.WIDTH * Encoder.WIDTH, 7919));
    double[][] k = projected(ids, table, Encoder.numbers(Encoder.WIDTH * Encoder.WIDTH, 6007));
    double[][] v = projected(ids, table, Encoder.numbers(Encoder.WIDTH * Encoder.WIDTH, 3571));
    int depth = Encoder.WIDTH / Encoder.HEADS;
    for (int row : new int[] {0, 1, 255, 256, length - 1}) {
      for (int column : new int[] {0, Encoder.WIDTH - 1}) {
        int from = column / depth * depth;
        double sum = 0;
        double result = 0;
        for (int other = 0; other < length; other++) {
          double score = 0;
          for (int i = from; i < from + depth; i++) {
            score += q[row][i] * k[other][i];
          }
          double weight = Math.exp(score * Encoder.SCALE);
          sum += weight;
          result += weight * v[other][column];
        }
        assertThat((double) actual[row * Encoder.WIDTH + column])
            .as("row %d, column %d", row, column)
            .isCloseTo(result / sum, within(1e-4));
      }
    }
  }

  private static double[][] projected(Tensor ids, float[] table, float[] weight) {
    double[][] rows = new double[(int) ids.elements()][Encoder.WIDTH];
    for (int row = 0; row < rows.length; row++) {
      for (int column = 0; column < Encoder.WIDTH; column++) {
        for (int i = 0; i < Encoder.WIDTH; i++) {
          rows[row][column] +=
              table[(int) ids.getLong(row) * Encoder.WIDTH + i]
                  * weight[i * Encoder.WIDTH + column];
        }
      }
    }
    return rows;
  }

  private static ModelOptions options(int rows, int tokens) {
    ModelOptions best = ModelOptions.best();
    return new ModelOptions(best.kernels(), best.plan(), rows, tokens, Map.of());
  }

  @Test
  void aBudgetIsAskedForTheBucketOfTheLargestPlanAndForAttention() throws IOException {
    Map<Integer, Long> asked = new HashMap<>();
    for (int tokens : new int[] {64, 256, 1024}) {
      List<Long> bytes = new ArrayList<>();
      CompiledModel.load(
              Encoder.write(folder, Encoder.SCALE),
              Map.of(),
              options(32, tokens),
              new Counted(bytes, 2),
              null)
          .close();
      asked.put(tokens, bytes.getLast() - attention(tokens));
    }
    assertThat(asked.get(64)).as("q, k and v at least").isGreaterThan(3 * 64 * Encoder.WIDTH * 4L);
    long perPart = asked.getOrDefault(256, 0L);
    assertThat(asked)
        .containsEntry(1024, Math.ceilDiv(perPart * Buckets.of(1024), Buckets.of(256)));
  }

  /** Scores of all heads before and after the softmax, twice. */
  private static long attention(long tokens) {
    return 2 * Encoder.HEADS * tokens * tokens * (4 + 4);
  }

  @Test
  void whereFewRowsOrTokensFitOneSequenceIsTriedBeforeACallerWaits() throws IOException {
    for (ModelOptions options : List.of(options(32, 1024), options(2, 1024), options(32, 20))) {
      List<Long> tokens = new CopyOnWriteArrayList<>(); // the background runs what it compiled
      var watched =
          new ModelOptions(
              new WatchedAttention(tokens).kernels(options.kernels()),
              options.plan(),
              options.mostRows(),
              options.mostTokens(),
              Map.of());
      CompiledModel.load(Encoder.write(folder, Encoder.SCALE), Map.of(), watched).close();
      assertThat(tokens).as("%s", options).contains(Math.min(64L, options.mostTokens()));
    }
  }

  @Test
  void aBudgetIsAskedForTheWeightsTwiceAndThenForThePlan() throws IOException {
    List<Long> asked = new ArrayList<>();
    try (var _ =
        CompiledModel.load(
            product(), Map.of(), ModelOptions.best().mostRows(4), new Counted(asked, 100), null)) {
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
              () ->
                  CompiledModel.load(file, Map.of(), ModelOptions.best().mostRows(4), budget, null))
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

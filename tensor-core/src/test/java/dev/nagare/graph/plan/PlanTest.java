package dev.nagare.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import com.sun.management.ThreadMXBean;
import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Interpreter;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Concat;
import dev.nagare.graph.op.Linear;
import dev.nagare.graph.pass.Passes;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlanTest {
  private final ProcessMemory memory = new ProcessMemory("test");

  @AfterEach
  void close() {
    memory.close();
  }

  private static Kernels kernels(String provider) {
    return KernelProviders.byName(provider).kernels();
  }

  private static float[] run(Frame frame, int seed) {
    Networks.fill(frame.input(0), seed);
    frame.run();
    return frame.output(0).toFloats();
  }

  private static void assertClose(float[] values, float[] expected) {
    assertThat(values).hasSameSizeAs(expected);
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i]).as("element %d", i).isCloseTo(expected[i], within(expected[i]));
    }
  }

  private static Offset<Float> within(float value) {
    return offset(2e-5f * (1 + Math.abs(value)));
  }

  private void agreesWithTheInterpreter(Function<ProcessMemory, Graph> network, String provider) {
    Graph graph = network.apply(memory);
    for (long batch : new long[] {1, 2, 5}) {
      Map<String, Long> dims = Map.of("batch", batch);
      try (Plan plan = Plan.compile(graph, dims, kernels(provider), PlanOptions.DEFAULT);
          PackedWeights weights = plan.pack();
          Frame frame = plan.open(weights)) {
        for (int seed = 1; seed < 3; seed++) {
          Networks.fill(frame.input("x"), seed);
          frame.run();
          Map<String, Tensor> given = Map.of("x", memory.copyOf(frame.input("x")));
          var interpreter = new Interpreter(graph.bind(dims), kernels("scalar"), given, memory);
          interpreter.run();
          for (String name : plan.outputNames()) {
            Tensor expected = Objects.requireNonNull(interpreter.outputs().get(name));
            assertThat(frame.output(name).shape()).isEqualTo(expected.shape());
            assertClose(frame.output(name).toFloats(), expected.contiguous(memory).toFloats());
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "vector", "scalar"})
  void rowsAgreeWithTheInterpreter(String provider) {
    agreesWithTheInterpreter(Networks::rows, provider);
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "vector", "scalar"})
  void imagesAgreeWithTheInterpreter(String provider) {
    agreesWithTheInterpreter(Networks::images, provider);
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "vector", "scalar"})
  void denseBlocksAgreeWithTheInterpreter(String provider) {
    agreesWithTheInterpreter(Networks::dense, provider);
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "vector", "scalar"})
  void concatsAlongEachAxisAgreeWithTheInterpreter(String provider) {
    agreesWithTheInterpreter(Networks::concats, provider);
  }

  @Test
  void inHalvesNothingBetweenTheFirstAndTheLastConvolutionIsF32() {
    Kernels best = KernelProviders.best().kernels();
    String why = best.prepared().whyNoBFloat16();
    Assumptions.assumeTrue(why.isEmpty(), "not here: " + why);
    PlanOptions halves = PlanOptions.DEFAULT.dtype(DType.BF16);
    Graph graph = Networks.dense(memory);
    try (Plan plan = Plan.compile(graph, Map.of("batch", 2L), best, halves)) {
      List<PlanStep> steps = plan.steps();
      // a copy, convolution, three times normal, convolution and concat, pool, slice, convolution,
      // and a copy, as the caller wants rows
      assertThat(steps).hasSize(1 + 1 + 9 + 3 + 1);
      assertThat(steps.getFirst().operation()).isEqualTo("copy");
      for (PlanStep step : steps.subList(0, steps.size() - 2)) {
        assertThat(step.outputs())
            .as(step.name())
            .allMatch(slot -> slot.dtype == DType.BF16 && slot.channelsLast);
      }
      assertThat(steps.stream().filter(step -> step.implementation().equals("affine"))).hasSize(3);
    }
  }

  @Test
  void inHalvesAConcatOfFullNumbersIsNotRoundedBeforeAFunctionOfElements() {
    Kernels best = KernelProviders.best().kernels();
    String why = best.prepared().whyNoBFloat16();
    Assumptions.assumeTrue(why.isEmpty(), "not here: " + why);
    Graph graph = joined(false);
    List<float[]> results = new ArrayList<>();
    for (DType dtype : List.of(DType.F32, DType.BF16)) {
      try (Plan plan = joined(graph, dtype);
          PackedWeights weights = plan.pack();
          Frame frame = plan.open(weights)) {
        assertThat(dtypeOfTheConcat(plan)).isEqualTo(DType.F32);
        for (int i = 0; i < 2; i++) { // numbers near 1000, of which halves know every fourth
          Networks.fill(frame.input(i), 5 + i);
          for (long at = 0; at < frame.input(i).elements(); at++) {
            frame.input(i).set(at, 1000 + frame.input(i).get(at));
          }
        }
        frame.run();
        results.add(frame.output(0).toFloats());
      }
    }
    for (int i = 0; i < results.getFirst().length; i++) {
      assertThat(results.getLast()[i]).isCloseTo(results.getFirst()[i], offset(0.03f));
    }
    try (Plan plan = joined(joined(true), DType.BF16)) {
      assertThat(dtypeOfTheConcat(plan)).as("which a product reads").isEqualTo(DType.BF16);
    }
  }

  /** Two inputs side by side, less 1000, through a layer. */
  private Graph joined(boolean alsoByAProduct) {
    var graph = new Graph("joined");
    Value one = graph.input("one", DType.F32, Dim.named("batch"), Dim.of(16));
    Value two = graph.input("two", DType.F32, Dim.named("batch"), Dim.of(16));
    Tensor far = memory.empty(DType.F32, Shape.of(1));
    far.set(0, 1000);
    Value all = graph.add(new Concat(1), one, two);
    Value near = graph.add(new Binary(Binary.Function.SUB), all, graph.constant("far", far));
    Value weight = graph.constant("w", Networks.random(memory, 1, 32, 24));
    graph.output("y", graph.add(new Linear(List.of()), near, weight));
    if (alsoByAProduct) {
      graph.output("z", graph.add(new Linear(List.of()), all, weight));
    }
    return graph;
  }

  private static Plan joined(Graph graph, DType dtype) {
    Kernels best = KernelProviders.best().kernels();
    return Plan.compile(graph, Map.of("batch", 4L), best, PlanOptions.DEFAULT.dtype(dtype));
  }

  private static DType dtypeOfTheConcat(Plan plan) {
    return plan.steps().stream()
        .filter(step -> step.operation().startsWith("Concat"))
        .map(step -> step.outputs().getFirst().dtype)
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "vector", "scalar"})
  void windowsAgreeWithTheInterpreter(String provider) {
    agreesWithTheInterpreter(Networks::windows, provider);
  }

  @Test
  void ofALoneWindowOnlyProductsAndTheRecurrenceAreSteps() {
    Graph graph = Networks.windows(memory);
    Kernels best = KernelProviders.best().kernels();
    try (Plan plan = Plan.compile(graph, Map.of("batch", 1L), best, PlanOptions.DEFAULT)) {
      // to change places with an axis of one element, or to take the last step, moves nothing
      assertThat(plan.steps()).hasSize(3);
    }
  }

  /** Bytes. */
  private static final long RECORD = 512;

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "scalar"})
  void aRunAllocatesNothing(String provider) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (Graph graph :
        List.of(Networks.rows(memory), Networks.images(memory), Networks.windows(memory))) {
      try (Plan plan =
              Plan.compile(graph, Map.of("batch", 3L), kernels(provider), PlanOptions.DEFAULT);
          PackedWeights weights = plan.pack();
          Frame frame = plan.open(weights)) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 500 && least > 0; round++) { // until all is compiled
          for (int i = 0; i < 20; i++) {
            frame.run();
          }
          long before = threads.getCurrentThreadAllocatedBytes();
          frame.run();
          least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        // The reference leaves a small record; what serves leaves nothing.
        assertThat(least)
            .as(graph.name())
            .isLessThanOrEqualTo(provider.equals("onednn") ? 0 : RECORD);
      }
    }
  }

  @Test
  void allLanesRunAtOnceAndGetTheSameBits() throws InterruptedException, ExecutionException {
    for (Graph graph :
        List.of(Networks.rows(memory), Networks.images(memory), Networks.windows(memory))) {
      Kernels best = KernelProviders.best().kernels();
      try (Plan plan = Plan.compile(graph, Map.of("batch", 4L), best, PlanOptions.DEFAULT);
          PackedWeights weights = plan.pack();
          ExecutorService lanes = Executors.newFixedThreadPool(2)) {
        List<float[]> expected = new ArrayList<>();
        try (Frame frame = plan.open(weights)) {
          for (int seed = 0; seed < 20; seed++) {
            expected.add(run(frame, seed));
          }
        }
        Callable<Boolean> lane =
            () -> {
              try (Frame frame = plan.open(weights)) {
                boolean same = true;
                for (int i = 0; i < 200; i++) {
                  same &= Arrays.equals(run(frame, i % 20), expected.get(i % 20));
                }
                return same;
              }
            };
        for (Future<Boolean> same : lanes.invokeAll(List.of(lane, lane))) {
          assertThat(same.get()).isTrue();
        }
      }
    }
  }

  @Test
  void aGangGivesTheBitsOfOneLane() {
    Kernels best = KernelProviders.best().kernels();
    for (Graph graph :
        List.of(
            Networks.rows(memory),
            Networks.images(memory),
            Networks.dense(memory),
            Networks.concats(memory),
            Networks.wideImages(memory),
            Networks.windows(memory))) {
      for (long batch : new long[] {1, 3, 8}) {
        Map<String, Long> dims = Map.of("batch", batch);
        try (var gang = new Gang(2);
            Plan alone = Plan.compile(graph, dims, best, PlanOptions.DEFAULT);
            Plan together = Plan.compile(graph, dims, best, PlanOptions.DEFAULT.lanes(2));
            PackedWeights weights = alone.pack();
            PackedWeights same = together.pack(0, Map.of(), weights);
            Frame one = alone.open(weights);
            Frame two = together.open(same, gang)) {
          for (int seed = 0; seed < 10; seed++) {
            assertThat(run(two, seed)).as("%s %d", graph.name(), batch).isEqualTo(run(one, seed));
          }
        }
      }
    }
  }

  @Test
  void aFrameTakesAnotherVersionBetweenRunsAndOnlyWhatChangedIsPacked() {
    Graph graph = Networks.rows(memory);
    Kernels best = KernelProviders.best().kernels();
    try (Plan plan = Plan.compile(graph, Map.of("batch", 4L), best, PlanOptions.DEFAULT);
        PackedWeights first = plan.pack();
        Frame frame = plan.open(first)) {
      float[] before = run(frame, 1);
      Tensor w1 = Networks.random(memory, 100, 24, 40);
      PackedWeights second = plan.pack(7, Map.of("w1", w1), first);
      assertThat(second.packedParameters()).isEqualTo(1);
      frame.use(second);
      second.close();
      assertThat(frame.version()).isZero();
      float[] after = run(frame, 1);
      assertThat(frame.version()).isEqualTo(7);
      assertThat(after).isNotEqualTo(before);
      try (PackedWeights third =
          plan.pack(8, Map.of("w1", w1, "b1", w1.narrow(0, 1).reshape(40)))) {
        assertThat(third.packedParameters()).isGreaterThan(1);
      }
      frame.use(first);
      assertThat(run(frame, 1)).isEqualTo(before);
      assertThatThrownBy(() -> frame.use(second)).hasMessageContaining("closed");
    }
  }

  @Test
  void aBranchIsAPlanOfItsOwnWithWeightsOfEachVersion() {
    Graph graph = Networks.branches(memory);
    Kernels best = KernelProviders.best().kernels();
    try (Plan plan = Plan.compile(graph, Map.of("batch", 3L), best, PlanOptions.DEFAULT);
        PackedWeights weights = plan.pack();
        PackedWeights other =
            plan.pack(1, Map.of("then.w", Networks.random(memory, 2, 6, 4)), weights);
        Frame frame = plan.open(weights)) {
      Networks.fill(frame.input("x"), 5);
      frame.input("which").set(0, 1);
      frame.run();
      float[] then = frame.output(0).toFloats();
      frame.input("which").set(0, 0);
      frame.run();
      float[] otherwise = frame.output(0).toFloats();
      assertThat(otherwise).isNotEqualTo(then);
      frame.use(other);
      frame.input("which").set(0, 1);
      frame.run();
      assertThat(frame.output(0).toFloats()).isEqualTo(otherwise);
    }
  }

  @Test
  void halvesAgreeWithFullNumbersAndAreRefusedWhereThereAreNone() {
    Kernels best = KernelProviders.best().kernels();
    PlanOptions halves = PlanOptions.DEFAULT.dtype(DType.BF16);
    for (Graph graph :
        List.of(
            Networks.rows(memory),
            Networks.images(memory),
            Networks.dense(memory),
            Networks.windows(memory))) {
      Map<String, Long> dims = Map.of("batch", 4L);
      if (!best.prepared().whyNoBFloat16().isEmpty()) {
        assertThatThrownBy(() -> Plan.compile(graph, dims, best, halves))
            .hasMessageContaining("no BF16 here");
        continue;
      }
      try (Plan full = Plan.compile(graph, dims, best, PlanOptions.DEFAULT);
          Plan half = Plan.compile(graph, dims, best, halves);
          PackedWeights fullWeights = full.pack();
          PackedWeights halfWeights = half.pack();
          Frame one = full.open(fullWeights);
          Frame two = half.open(halfWeights)) {
        float[] expected = run(one, 1);
        float[] values = run(two, 1);
        assertThat(two.output(0).dtype()).isEqualTo(DType.F32);
        assertThat(values).isNotEqualTo(expected);
        float scale = 0;
        for (float value : expected) {
          scale = Math.max(scale, Math.abs(value));
        }
        for (int i = 0; i < values.length; i++) {
          assertThat(values[i]).isCloseTo(expected[i], offset(0.03f * scale));
        }
      }
    }
  }

  @Test
  void theLanesOfAGangReadOneWeightOfAConvolutionInTiles() {
    Graph graph = Networks.wideImages(memory);
    Kernels best = KernelProviders.best().kernels();
    Map<String, Long> dims = Map.of("batch", 1L);
    try (Plan alone = Plan.compile(graph, dims, best, PlanOptions.DEFAULT);
        Plan together = Plan.compile(graph, dims, best, PlanOptions.DEFAULT.lanes(2));
        PackedWeights weights = alone.pack();
        PackedWeights same = together.pack(0, Map.of(), weights)) {
      assertThat(same.bytes()).isEqualTo(weights.bytes());
      assertThat(same.packedParameters()).isZero();
    }
  }

  @Test
  void aVersionThatChangesWhatAPassBuiltInIsRefused() {
    var graph = new Graph("scaled");
    Value x = graph.input("x", DType.F32, Dim.of(4));
    Tensor scale = memory.empty(DType.F32, Shape.of(1));
    scale.set(0, 3);
    Tensor shift = memory.empty(DType.F32, Shape.of(1));
    Value shifted = graph.add(new Binary(Binary.Function.ADD), x, graph.constant("shift", shift));
    graph.output(
        "y", graph.add(new Binary(Binary.Function.MUL), shifted, graph.constant("scale", scale)));
    Kernels kernels = kernels("vector");
    Graph fast = Passes.inference(graph, kernels, memory).graph();
    try (Plan plan = Plan.compile(fast, Map.of(), kernels, PlanOptions.DEFAULT)) {
      Tensor other = memory.empty(DType.F32, Shape.of(1));
      plan.pack(1, Map.of("shift", other)).close();
      other.set(0, 0.5);
      plan.pack(2, Map.of("scale", other)).close();
      assertThatThrownBy(() -> plan.pack(3, Map.of("shift", other)))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("version 3 changes shift, which a pass built in, expected 0.0");
    }
  }

  @Test
  void aWeightOfAnotherShapeIsRefused() {
    Graph graph = Networks.rows(memory);
    try (Plan plan =
        Plan.compile(graph, Map.of("batch", 4L), kernels("scalar"), PlanOptions.DEFAULT)) {
      Tensor wrong = Networks.random(memory, 1, 24, 41);
      assertThatThrownBy(() -> plan.pack(1, Map.of("w1", wrong)))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("w1 is F32 [24, 41], expected F32 [24, 40]");
    }
  }

  @Test
  void aSizeWithoutANumberIsNamed() {
    Graph graph = Networks.rows(memory);
    assertThatThrownBy(() -> Plan.compile(graph, Map.of(), kernels("scalar"), PlanOptions.DEFAULT))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("x [batch, 24]");
  }

  @Test
  void valuesShareMemoryByLifetimeAndThePlanSaysWhere() {
    Graph graph = Networks.rows(memory);
    Kernels best = KernelProviders.best().kernels();
    try (Plan plan = Plan.compile(graph, Map.of("batch", 64L), best, PlanOptions.DEFAULT)) {
      assertThat(plan.arenaBytes()).isLessThan(plan.valueBytes());
      assertThat(plan.slowKernels()).isEmpty();
      assertThat(plan.toString())
          .startsWith("plan rows {batch=64} F32")
          .contains("linear", "@0", "out y <- ");
    }
  }

  @Test
  void aFrameIsFreedAtOnceWhoeverOpenedIt() throws Exception {
    Graph graph = Networks.rows(memory);
    try (Plan plan =
            Plan.compile(
                graph, Map.of("batch", 4L), KernelProviders.best().kernels(), PlanOptions.DEFAULT);
        PackedWeights weights = plan.pack();
        var opener = Executors.newSingleThreadExecutor()) {
      Frame frame = opener.submit(() -> plan.open(weights)).get();
      frame.run();
      Tensor input = frame.input(0);
      frame.close(); // while the thread that opened it lives
      assertThat(input.isValid()).isFalse();
    }
  }

  @Test
  void aPlanEndsWithItsLastFrame() {
    Graph graph = Networks.rows(memory);
    Plan plan = Plan.compile(graph, Map.of("batch", 2L), kernels("onednn"), PlanOptions.DEFAULT);
    PackedWeights weights = plan.pack();
    Frame frame = plan.open(weights);
    plan.close();
    weights.close();
    float[] result = run(frame, 1);
    assertThat(result).doesNotContain(Float.NaN);
    frame.close();
    frame.close();
    assertThatThrownBy(() -> plan.pack()).hasMessageContaining("closed");
  }
}

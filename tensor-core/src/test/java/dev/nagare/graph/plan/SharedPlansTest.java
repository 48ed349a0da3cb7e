package dev.nagare.graph.plan;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Expand;
import dev.nagare.graph.op.Where;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Versions whose graphs differ in their weights alone. */
class SharedPlansTest {
  private final ProcessMemory memory = new ProcessMemory("test");
  private final Queue<Runnable> background = new ArrayDeque<>();

  @AfterEach
  void close() {
    memory.close();
  }

  private void work() {
    for (Runnable task = background.poll(); task != null; task = background.poll()) {
      task.run();
    }
  }

  private Plans plans(Graph graph) {
    return Networks.plans(graph, KernelProviders.best().kernels(), 40, 4, background::add);
  }

  /** Windows through an LSTM with a head of some version. */
  private static Graph version(ProcessMemory where, long seed) {
    return Networks.windows(where)
        .with(
            Map.of(
                "w", Networks.random(where, seed, 1, 8, 128),
                "h", Networks.random(where, seed + 1, 32, 10)));
  }

  private static float[] run(PlanLane lane, int rows) {
    Frame frame = lane.frame(rows);
    Networks.fill(frame.input(0).narrow(0, rows), 1);
    lane.run();
    float[] result = frame.output(0).narrow(0, rows).toFloats();
    lane.rest();
    return result;
  }

  /** What a version answers that shares nothing. */
  private float[] alone(long seed, int rows) {
    try (Plans plans = plans(version(memory, seed));
        PlanLane lane = plans.lane()) {
      return run(lane, rows);
    }
  }

  @Test
  void eachVersionAnswersWithItsOwnWeightsInTheFramesOfAll() {
    try (Plans first = plans(version(memory, 10));
        Plans second = requireNonNull(first.like(version(memory, 20)));
        Plans third = requireNonNull(second.like(version(memory, 30)));
        PlanLane one = first.lane();
        PlanLane two = second.lane();
        PlanLane three = third.lane()) {
      assertThat(one.frame(3)).isNotNull();
      Frame frame = one.frame(3);
      one.rest();
      assertThat(two.frame(3)).isSameAs(frame);
      two.rest();
      for (int i = 0; i < 3; i++) {
        assertThat(run(one, 3)).isEqualTo(alone(10, 3));
        assertThat(run(two, 3)).isEqualTo(alone(20, 3));
        assertThat(run(three, 3)).isEqualTo(alone(30, 3));
      }
    }
  }

  @Test
  void aPlanThatComesLaterIsForAllVersions() {
    try (Plans first = plans(version(memory, 10));
        Plans second = requireNonNull(first.like(version(memory, 20)));
        PlanLane one = first.lane();
        PlanLane two = second.lane()) {
      run(one, 2);
      work();
      assertThat(first.buckets()).containsExactly(2L, 42L);
      assertThat(second.buckets()).isEqualTo(first.buckets());
      assertThat(run(two, 2)).isEqualTo(alone(20, 2));
      assertThat(run(one, 2)).isEqualTo(alone(10, 2));
    }
  }

  @Test
  void whatIsLeftGoesOnWhenTheMemoryOfTheVersionsBeforeItHasEnded() {
    var before = new ProcessMemory("before");
    Plans first = plans(version(before, 10));
    PlanLane one = first.lane();
    run(one, 3);
    Plans second = requireNonNull(first.like(version(memory, 20)));
    one.close();
    first.close();
    before.close();
    try (second;
        PlanLane two = second.lane()) {
      assertThat(run(two, 3)).isEqualTo(alone(20, 3));
      work(); // another plan
      assertThat(second.buckets()).hasSize(2);
      assertThat(run(two, 3)).isEqualTo(alone(20, 3));
      try (Plans third = requireNonNull(second.like(version(memory, 30)));
          PlanLane three = third.lane()) {
        assertThat(run(three, 3)).isEqualTo(alone(30, 3));
      }
      assertThat(second.isShared()).isFalse();
    }
    assertThatThrownBy(second::lane).hasMessage("plans of windows: closed");
    assertThat(second.like(version(memory, 40))).isNull();
  }

  @Test
  void aVersionThatWasClosedGoesOnUntilItsLastLaneIs() {
    Plans first = plans(version(memory, 10));
    Plans second = requireNonNull(first.like(version(memory, 20)));
    try (PlanLane two = second.lane()) {
      second.close();
      first.close();
      assertThat(run(two, 3)).isEqualTo(alone(20, 3));
      assertThatThrownBy(second::lane).hasMessage("plans of windows: closed");
    }
    assertThatThrownBy(second::first).hasMessage("plans of windows: closed");
  }

  @Test
  void weightsThatAVersionHasLikeAnotherArePackedOnce() {
    Graph graph = Networks.rows(memory);
    Tensor other = Networks.random(memory, 50, 24, 40);
    try (Plans first = plans(graph);
        Plans second = requireNonNull(first.like(graph.with(Map.of("w1", other))))) {
      PackedWeights[] packed = new PackedWeights[1];
      try (PlanLane lane = second.lane()) {
        Frame frame = lane.frame(2);
        lane.run();
        packed[0] = frame.weights();
      }
      assertThat(requireNonNull(packed[0]).packedParameters()).isEqualTo(1);
    }
  }

  @Test
  void aLaneThatRestsKeepsNoWeightsOfAVersionThatHasGone() {
    try (Plans first = plans(version(memory, 10))) {
      PackedWeights gone;
      try (Plans second = requireNonNull(first.like(version(memory, 20)));
          PlanLane two = second.lane()) {
        Frame frame = two.frame(2);
        two.run();
        gone = requireNonNull(frame.weights());
        two.rest();
        assertThat(gone.retain()).isTrue();
        gone.release();
      }
      assertThat(gone.retain()).isFalse();
    }
  }

  @Test
  void versionsRunSideBySideOnThreadsOfTheirOwn() throws Exception {
    int rounds = 200;
    Graph[] graphs = {version(memory, 10), version(memory, 20)};
    List<float[]> expected = List.of(alone(10, 5), alone(20, 5));
    try (Plans first = plans(graphs[0]);
        Plans second = requireNonNull(first.like(graphs[1]));
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      var begun = new CountDownLatch(4);
      List<Future<Boolean>> same = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int which = i % 2;
        same.add(
            threads.submit(
                () -> {
                  try (PlanLane lane = (which == 0 ? first : second).lane()) {
                    begun.countDown();
                    begun.await();
                    return IntStream.range(0, rounds)
                        .allMatch(any -> Arrays.equals(run(lane, 5), expected.get(which)));
                  }
                }));
      }
      begun.await();
      work(); // the plan for few, while all run
      for (Future<Boolean> one : same) {
        assertThat(one.get()).isTrue();
      }
    }
  }

  @Test
  void aMaskThatFollowsFromWeightsIsNotTakenForThatOfAnotherVersion() {
    try (Plans plans = plans(masked(1))) {
      assertThat(plans.like(masked(1))).isNotNull().satisfies(Plans::close);
      assertThat(plans.like(masked(-1))).isNull();
    }
  }

  /** {@code x} where a weight is positive, which is known as soon as the rows are. */
  private Graph masked(float weight) {
    var graph = new Graph("masked");
    Dim rows = Dim.named("batch");
    Value x = graph.input("x", DType.F32, rows, Dim.of(2));
    Value w = graph.constant("w", memory.of(Shape.of(2), weight, 1));
    Value wide = graph.add(new Expand(List.of(rows, Dim.of(2))), w);
    Value zeros = graph.constant("zeros", memory.of(Shape.of(1), 0));
    Value mask = graph.add(new Binary(Binary.Function.LESS), zeros, wide);
    graph.output("y", graph.add(new Where(), mask, x, zeros));
    return graph;
  }

  @Test
  void moreLanesThanAreUsualRun() {
    try (Plans plans = plans(Networks.rows(memory))) {
      List<PlanLane> lanes = Stream.generate(plans::lane).limit(70).toList();
      lanes.forEach(lane -> assertThat(lane.frame(1)).isNotNull());
      lanes.forEach(PlanLane::close);
    }
  }

  @Test
  void graphsThatDifferInMoreThanWeightsShareNothing() {
    Graph graph = Networks.windows(memory);
    try (Plans plans = plans(graph)) {
      Graph otherIndex = graph.with(Map.of("last", memory.ofLongs(Shape.of(), 0)));
      assertThat(plans.like(otherIndex)).as("an element that is no weight").isNull();
      Graph more = graph.copy();
      more.output(
          "twice",
          more.add(
              new Binary(Binary.Function.ADD),
              more.outputs().getFirst(),
              more.outputs().getFirst()));
      assertThat(plans.like(more)).as("one output more").isNull();
      assertThat(plans.like(Networks.rows(memory))).as("another network").isNull();
      assertThat(plans.like(graph.copy())).isNotNull().satisfies(Plans::close);
    }
    try (Plans plans = plans(Networks.branches(memory))) {
      assertThat(plans.like(Networks.branches(memory))).as("graphs within it").isNull();
    }
  }
}

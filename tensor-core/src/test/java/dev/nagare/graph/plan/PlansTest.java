package dev.nagare.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.ProductSpec;
import dev.nagare.tensor.kernel.prepared.SoftmaxSpec;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlansTest {
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

  private Plans plans(int capacity) {
    return plans(40, capacity);
  }

  private Plans plans(int first, int capacity) {
    return plans(KernelProviders.best().kernels(), first, capacity);
  }

  private Plans plans(Kernels kernels, int first, int capacity) {
    return Networks.plans(Networks.rows(memory), kernels, first, capacity, background::add);
  }

  /** The first rows of a result. */
  private static float[] run(PlanLane lane, int rows) {
    Frame frame = lane.frame(rows);
    Networks.fill(frame.input(0).narrow(0, rows), 3);
    frame.run();
    return Arrays.copyOf(frame.output(0).toFloats(), rows * 24);
  }

  @Test
  void theLargestServesUntilTheBucketIsReadyAndNoBitChanges() {
    try (Plans plans = plans(8);
        PlanLane lane = plans.lane()) {
      for (int rows : new int[] {1, 2, 3, 5, 16, 17, 18, 40}) {
        float[] before = run(lane, rows);
        work();
        long bucket = rows == 1 ? 1 : Buckets.of(rows);
        assertThat(plans.buckets()).contains(bucket);
        assertThat(lane.frame(rows).input(0).dim(0)).isEqualTo(bucket);
        assertThat(run(lane, rows)).as("%d rows", rows).isEqualTo(before);
      }
      assertThatThrownBy(() -> lane.frame(43))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("expected 1 to 42 rows, got 43");
    }
  }

  @Test
  void whoWarmsUpHasAPlanForFewRowsFromTheStartIfItHasAPlace() {
    try (Plans plans = plans(2)) {
      plans.warmUp(2);
      assertThat(plans.buckets()).containsExactly(2L, 42L);
      try (PlanLane lane = plans.lane()) {
        assertThat(lane.frame(1).input(0).dim(0)).isEqualTo(2);
        assertThat(run(lane, 1)).isEqualTo(Arrays.copyOf(run(lane, 40), 24));
      }
      plans.warmUp(4);
      assertThat(plans.buckets()).containsExactly(2L, 42L);
    }
  }

  @Test
  void aRowThatHasOtherBitsAloneIsComputedInAPair() {
    Kernels best = KernelProviders.best().kernels();
    Kernels kernels =
        WatchedKernels.of(
            (spec, make) ->
                spec instanceof SoftmaxSpec softmax && softmax.rows() == 1
                    ? best.prepared().softmax(logarithm(softmax))
                    : make.get());
    try (Plans plans = plans(kernels, 40, 8);
        PlanLane lane = plans.lane()) {
      assertInPairs(plans, lane);
      assertThat(lane.frame(1).input(0).dim(0)).isEqualTo(2);
      assertThat(run(lane, 1)).isEqualTo(Arrays.copyOf(run(lane, 40), 24));
    }
  }

  /** However often one row is asked for, it has no plan of its own. */
  private void assertInPairs(Plans plans, PlanLane lane) {
    for (int i = 0; i < 4; i++) {
      run(lane, 1);
      work();
    }
    assertThat(plans.buckets()).containsExactly(2L, 42L);
  }

  /** Another kernel: a stand-in for sums in another order. */
  private static SoftmaxSpec logarithm(SoftmaxSpec spec) {
    return new SoftmaxSpec(spec.rows(), spec.n(), !spec.log(), spec.dtype(), spec.result());
  }

  @Test
  void whatTakesNoNumbersMadeUpIsComputedInPairs() {
    Kernels kernels =
        WatchedKernels.of(
            (spec, make) -> {
              if (spec instanceof SoftmaxSpec softmax && softmax.rows() == 1) {
                throw TensorException.mismatch("not this one");
              }
              return make.get();
            });
    try (Plans plans = plans(kernels, 40, 8);
        PlanLane lane = plans.lane()) {
      assertInPairs(plans, lane);
    }
  }

  @Test
  void theFirstRunsOfAPlanAreNoExample() {
    try (Plans plans = plans(8);
        PlanLane lane = plans.lane()) {
      plans.prepare(8);
      took(lane, 40, 5000);
      took(lane, 8, 100_000);
      took(lane, 8, 800);
      assertThat(lane.part(40)).isEqualTo(8);
    }
  }

  @Test
  void framesOfALaneShareTheirMemoryButForTheirInputs() {
    try (Plans plans = plans(8)) {
      plans.prepare(2);
      plans.prepare(8);
      try (PlanLane lane = plans.lane();
          PlanLane other = plans.lane()) {
        float[] two = run(lane, 2);
        float[] eight = run(lane, 8);
        assertThat(two).isEqualTo(Arrays.copyOf(eight, 48));
        Frame again = lane.frame(2);
        again.run(); // what was filled in before is still there
        assertThat(again.output(0).toFloats()).isEqualTo(two);
        plans.prepare(4);
        assertThat(run(lane, 4)).isEqualTo(Arrays.copyOf(eight, 96));
        long most = lane.frame(40).output(0).segment().byteSize();
        assertThat(distance(lane, 2, 40)).isLessThan(4 * most);
        assertThat(distance(lane, 4, 40)).isLessThan(4 * most);
        assertThat(run(other, 8)).isEqualTo(eight);
      }
    }
  }

  private static long distance(PlanLane lane, int rows, int others) {
    long one = lane.frame(rows).output(0).segment().address();
    return Math.abs(one - lane.frame(others).output(0).segment().address());
  }

  @Test
  void rowsRunInThePartsThatAreDoneSoonest() {
    try (Plans plans = plans(8);
        PlanLane lane = plans.lane()) {
      plans.prepare(2);
      plans.prepare(8);
      plans.prepare(16);
      assertThat(lane.part(10)).as("nobody knows what runs take").isEqualTo(10);
      took(lane, 2, 240);
      took(lane, 8, 800);
      took(lane, 16, 1600);
      took(lane, 40, 6000);
      assertThat(lane.part(10)).isEqualTo(8);
      assertThat(lane.part(2)).isEqualTo(2);
      assertThat(lane.part(1)).as("a pair, there is no other").isEqualTo(1);
      assertThat(lane.part(7)).as("4 pairs take longer").isEqualTo(7);
      assertThat(lane.part(40)).as("as cheap as the smaller, and fewer").isEqualTo(16);
      assertThat(lane.part(50)).as("more than there is a plan for").isEqualTo(50);
    }
  }

  @Test
  void whereARunCostsMoreThanItsRowsNoneIsCut() {
    try (Plans plans = plans(8);
        PlanLane lane = plans.lane()) {
      plans.prepare(2);
      plans.prepare(16);
      took(lane, 2, 900);
      took(lane, 16, 1000);
      took(lane, 40, 1100);
      for (int i = 0; i < 100; i++) {
        assertThat(lane.part(10)).isEqualTo(10);
        assertThat(lane.part(20)).isEqualTo(20);
      }
    }
  }

  @Test
  void whatWasFoundDearerIsTriedAgainNowAndThen() {
    try (Plans plans = plans(8);
        PlanLane lane = plans.lane()) {
      plans.prepare(8);
      took(lane, 8, 1000);
      took(lane, 40, 4500);
      int cut = 0;
      for (int i = 0; i < 310; i++) {
        cut += lane.part(40) == 8 ? 1 : 0;
      }
      assertThat(cut).isEqualTo(10);
    }
  }

  private static void took(PlanLane lane, int rows, long nanos) {
    lane.frame(rows);
    lane.ran(nanos);
  }

  @Test
  void thereAreNoMorePlansThanAllowedAndTheLeastAskedForGoes() {
    try (Plans plans = plans(3);
        PlanLane lane = plans.lane()) {
      run(lane, 2);
      work();
      run(lane, 4);
      work();
      for (int i = 0; i < 10; i++) {
        run(lane, 2);
      }
      assertThat(plans.buckets()).containsExactly(2L, 4L, 42L);
      for (int i = 0; i < 64; i++) {
        run(lane, 8);
        work();
      }
      assertThat(plans.buckets()).containsExactly(2L, 8L, 42L);
      assertThat(run(lane, 4)).isEqualTo(run(lane, 4));
    }
  }

  @Test
  void whoIsAskedForAboutAsOftenAsOthersTakesNobodysPlace() {
    try (Plans plans = plans(3);
        PlanLane lane = plans.lane()) {
      run(lane, 2);
      work();
      run(lane, 4);
      work();
      for (int i = 0; i < 600; i++) {
        run(lane, 2 << (i % 4)); // 2, 4, 8, 16 alike
        work();
        assertThat(plans.buckets()).containsExactly(2L, 4L, 42L);
      }
    }
  }

  @Test
  void whereNoPlanIsLargeEnoughWhoAsksCompilesItForAllLanes() {
    try (Plans plans = plans(8, 3);
        Plans whole = plans(3);
        PlanLane one = plans.lane();
        PlanLane two = plans.lane();
        PlanLane all = whole.lane()) {
      assertThat(plans.buckets()).containsExactly(8L);
      assertThat(run(one, 17)).isEqualTo(run(all, 17));
      assertThat(plans.buckets()).as("as large as was asked for").containsExactly(8L, 17L);
      assertThat(run(two, 16)).as("served by what one asked for").isEqualTo(run(all, 16));
      assertThat(plans.buckets()).containsExactly(8L, 17L);
      assertThatThrownBy(() -> one.frame(43)).hasMessageContaining("expected 1 to 42 rows, got 43");
    }
  }

  @Test
  void whatMustBeCompiledTakesThePlaceOfTheLeastAskedForButNeverOfTheFirst() {
    try (Plans plans = plans(2, 1);
        PlanLane lane = plans.lane()) {
      run(lane, 4);
      assertThat(plans.buckets()).as("there are two places at least").containsExactly(2L, 4L);
      run(lane, 16);
      assertThat(plans.buckets()).containsExactly(2L, 16L);
      work();
      assertThat(plans.buckets()).containsExactly(2L, 16L);
      assertThat(run(lane, 1)).isEqualTo(Arrays.copyOf(run(lane, 16), 24));
    }
  }

  @Test
  void lanesThatAskAtOnceForWhatIsNotThereHaveOnePlanAndTheSameBits() throws Exception {
    try (Plans plans = plans(2, 4);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<PlanLane> lanes = Stream.generate(plans::lane).limit(4).toList();
      List<Future<float[]>> results =
          lanes.stream().map(lane -> threads.submit(() -> run(lane, 40))).toList();
      for (Future<float[]> result : results) {
        assertThat(result.get()).isEqualTo(results.getFirst().get());
      }
      assertThat(plans.buckets()).containsExactly(2L, 42L);
      lanes.forEach(PlanLane::close);
    }
  }

  @Test
  void aLaneThatWaitsForAPlanComesBeforeWhatTheBackgroundHasYetToCompile()
      throws InterruptedException {
    Set<Long> compiled = Collections.synchronizedSet(new LinkedHashSet<>());
    var compiling = new CountDownLatch(1);
    var asked = new CountDownLatch(1);
    var watching = new AtomicBoolean();
    Kernels kernels =
        WatchedKernels.of(
            (spec, make) -> {
              boolean isOfAPlan = spec instanceof ProductSpec product && compiled.add(product.m());
              if (watching.get() && isOfAPlan) {
                compiling.countDown();
                await(asked);
              }
              return make.get();
            });
    try (Plans plans = plans(kernels, 8, 8);
        PlanLane lane = plans.lane()) {
      lane.frame(2);
      lane.frame(4);
      assertThat(background).hasSize(2);
      compiled.clear();
      watching.set(true);
      Thread worker = Thread.ofPlatform().start(this::work);
      compiling.await();
      Thread waiting = Thread.ofPlatform().start(() -> lane.frame(40));
      while (waiting.isAlive() && !isParked(waiting)) {
        Thread.onSpinWait();
      }
      asked.countDown();
      waiting.join();
      worker.join();
      assertThat(compiled).containsExactly(2L, 42L, 4L);
      assertThat(plans.buckets()).containsExactly(2L, 4L, 8L, 42L);
    }
  }

  private static boolean isParked(Thread thread) {
    return thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.BLOCKED;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsPreparedLateIsThereForTheLanesThatThereAre() {
    try (Plans plans = plans(4);
        PlanLane lane = plans.lane()) {
      plans.prepare(2);
      assertThat(lane.frame(2).input(0).dim(0)).isEqualTo(2);
    }
    try (Plans plans = plans(2, 4);
        PlanLane lane = plans.lane()) {
      plans.prepare(40);
      assertThat(lane.frame(40).input(0).dim(0)).isEqualTo(42);
    }
  }

  @Test
  void aLaneThatCannotBeOpenedLeavesNothingOpen() {
    Kernels kernels =
        WatchedKernels.of(
            (spec, make) ->
                spec instanceof SoftmaxSpec softmax && softmax.rows() == 42
                    ? withoutCalls(make.get())
                    : make.get());
    try (Plans plans = plans(kernels, 40, 4)) {
      plans.prepare(2);
      // that the frame of the smaller plan was closed is checked when the class ends
      assertThatThrownBy(plans::lane).hasMessage("no call");
      assertThat(plans.buckets()).containsExactly(2L, 42L);
    }
  }

  private static PreparedKernel withoutCalls(PreparedKernel kernel) {
    return WatchedKernels.proxy(
        PreparedKernel.class,
        (method, arguments) -> {
          if (method.getName().equals("call")) {
            throw TensorException.mismatch("no call");
          }
          return WatchedKernels.call(kernel, method, arguments);
        });
  }
}

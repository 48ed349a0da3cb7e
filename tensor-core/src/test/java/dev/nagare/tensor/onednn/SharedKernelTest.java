package dev.nagare.tensor.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.PreparedKernels;
import dev.nagare.tensor.kernel.prepared.ProductSpec;
import dev.nagare.tensor.kernel.prepared.RaggedAttentionSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedKernelTest {
  private static final PreparedKernels KERNELS =
      KernelProviders.byName("onednn").kernels().prepared();
  private static final int TOKENS = 40;
  private static final int WIDTH = 52; // of no other test, so that nobody shares these kernels

  private final ProcessMemory memory = new ProcessMemory("shared kernels");

  @AfterEach
  void close() {
    memory.close();
  }

  private static ProductSpec product(long m) {
    return new ProductSpec(m, WIDTH, 36, false, DType.F32, DType.F32, false, List.of(), List.of());
  }

  private static RaggedAttentionSpec attention(long tokens) {
    return new RaggedAttentionSpec(
        tokens, 8, 2, WIDTH / 2, 0.3, WIDTH, WIDTH, WIDTH, DType.I64, DType.F32);
  }

  @Test
  void oneSpecificationIsOneKernelUntilTheLastUserClosesIt() {
    int kernels = SharedKernel.ALL.size();
    long before = OneDnn.OBJECTS.sum();
    PreparedKernel one = KERNELS.product(product(7));
    long made = OneDnn.OBJECTS.sum() - before;
    PreparedKernel two = KERNELS.product(product(7));
    PreparedKernel other = KERNELS.product(product(8));
    assertThat(made).isPositive();
    assertThat(SharedKernel.ALL.size()).isEqualTo(kernels + 2);
    other.close();
    assertThat(OneDnn.OBJECTS.sum()).isLessThanOrEqualTo(before + made);
    one.close();
    one.close();
    assertThat(SharedKernel.ALL.size()).as("closed twice is closed once").isEqualTo(kernels + 1);
    assertThat(ran(two, 7)).hasSize(7 * WIDTH);
    two.close();
    assertThat(SharedKernel.ALL.size()).isEqualTo(kernels);
    assertThat(OneDnn.OBJECTS.sum()).isLessThanOrEqualTo(before);
    assertThatThrownBy(() -> one.call(memory))
        .isInstanceOfSatisfying(
            TensorException.class, e -> assertThat(e.kind()).isEqualTo(TensorException.Kind.CLOSED))
        .hasMessageContaining("prepare it anew");
    Tensor packed = memory.empty(DType.U8, Shape.of(one.packedBytes()));
    assertThatThrownBy(() -> one.pack(numbers(36, WIDTH), packed))
        .isInstanceOfSatisfying(
            TensorException.class, e -> assertThat(e.kind()).isEqualTo(TensorException.Kind.CLOSED))
        .hasMessageContaining("prepare it anew");
  }

  private float[] ran(PreparedKernel kernel, long m) {
    Tensor packed = memory.empty(DType.U8, Shape.of(kernel.packedBytes()));
    kernel.pack(numbers(36, WIDTH), packed);
    Tensor y = memory.empty(DType.F32, Shape.of(m, WIDTH));
    try (PreparedKernel.Call call = kernel.call(memory)) {
      call.input(numbers(m, 36)).weight(packed).output(y).run();
    }
    return y.toFloats();
  }

  private Tensor numbers(long... dims) {
    Tensor made = memory.empty(DType.F32, Shape.of(dims));
    for (int i = 0; i < made.elements(); i++) {
      made.set(i, (i * 7919 % 64 - 32) / 16.0);
    }
    return made;
  }

  @Test
  void layersAndPlansShareWhatALengthNeeds() {
    int families = SequenceChains.ALL.size();
    long before = OneDnn.OBJECTS.sum();
    try (PreparedKernel layer = KERNELS.raggedAttention(attention(TOKENS));
        PreparedKernel.Call one = call(layer, TOKENS)) {
      one.run();
      long met = OneDnn.OBJECTS.sum();
      try (PreparedKernel next = KERNELS.raggedAttention(attention(TOKENS));
          PreparedKernel plan = KERNELS.raggedAttention(attention(2 * TOKENS));
          PreparedKernel.Call two = call(next, TOKENS);
          PreparedKernel.Call three = call(plan, 2 * TOKENS)) {
        two.run();
        three.run();
        assertThat(OneDnn.OBJECTS.sum()).as("nothing more is made").isLessThanOrEqualTo(met);
        assertThat(SequenceChains.ALL.size()).isEqualTo(families + 1);
      }
      one.run();
    }
    assertThat(SequenceChains.ALL.size()).isEqualTo(families);
    assertThat(OneDnn.OBJECTS.sum()).isLessThanOrEqualTo(before);
  }

  /** Sequences of 1, 9, 17 and 5 tokens. */
  private PreparedKernel.Call call(PreparedKernel kernel, long tokens) {
    PreparedKernel.Call call = kernel.call(memory);
    for (int i = 0; i < 3; i++) {
      call.input(i, numbers(tokens, WIDTH));
    }
    call.input(3, memory.ofLongs(Shape.of(9), 0, 1, 10, 27, 32, 32, 32, 32, 32));
    return call.output(memory.empty(DType.F32, Shape.of(tokens, WIDTH)));
  }

  @Test
  void lanesThatMeetLengthsAtOnceHaveTheSameBits() throws Exception {
    int lanes = 4;
    long before = OneDnn.OBJECTS.sum();
    List<PreparedKernel> kernels = new ArrayList<>();
    List<Tensor> results = new ArrayList<>();
    var start = new CyclicBarrier(lanes);
    try (ExecutorService threads = Executors.newFixedThreadPool(lanes)) {
      List<Future<?>> running = new ArrayList<>();
      for (int lane = 0; lane < lanes; lane++) {
        PreparedKernel kernel = KERNELS.raggedAttention(attention(TOKENS));
        Tensor y = memory.empty(DType.F32, Shape.of(TOKENS, WIDTH));
        PreparedKernel.Call call = call(kernel, TOKENS).output(y);
        kernels.add(kernel);
        results.add(y);
        running.add(
            threads.submit(
                () -> {
                  start.await();
                  for (int i = 0; i < 50; i++) {
                    call.run();
                  }
                  call.close();
                  return y;
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
    for (Tensor y : results) {
      assertThat(y.toFloats()).isEqualTo(results.getFirst().toFloats());
    }
    kernels.forEach(PreparedKernel::close);
    assertThat(OneDnn.OBJECTS.sum()).isLessThanOrEqualTo(before);
  }

  @Test
  void aCallAfterTheLastKernelWasClosedIsRefused() {
    PreparedKernel kernel = KERNELS.raggedAttention(attention(TOKENS));
    PreparedKernel.Call call = call(kernel, TOKENS);
    kernel.close();
    kernel.close();
    assertThatThrownBy(call::run)
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("attention: kernel is closed; prepare it anew");
  }

  @Test
  void attentionIsTriedWhenItIsPreparedAndItsNameLastsAfterTheEnd() {
    long before = OneDnn.OBJECTS.sum();
    PreparedKernel kernel = KERNELS.raggedAttention(attention(TOKENS));
    long tried = OneDnn.OBJECTS.sum();
    assertThat(tried).isGreaterThan(before);
    String name = kernel.implementation();
    assertThat(name).contains("matmul");
    kernel.close();
    assertThat(kernel.implementation()).isEqualTo(name);
    assertThat(OneDnn.OBJECTS.sum()).as("nothing is left").isLessThanOrEqualTo(before);
  }

  @Test
  void aWorkerWhoseScratchGrewComputesWhatItDidBefore() {
    var heads = new SequenceChains.Heads(2, 4, 0.25, 8, 8, 8, DType.F32);
    var lease = SequenceChains.ALL.take(heads, () -> new SequenceChains(heads));
    SequenceChains.Worker worker = lease.value().borrow();
    int[] lengths = {3, 40, 9, 130, 3, 40, 9};
    List<float[]> results = new ArrayList<>();
    for (int length : lengths) {
      long at = numbers(length, 8).segment().address();
      Tensor y = memory.empty(DType.F32, Shape.of(length, 8));
      worker.run(length, at, at, at, y.segment().address());
      results.add(y.toFloats());
    }
    for (int i = 0; i < 3; i++) {
      assertThat(results.get(4 + i)).isEqualTo(results.get(i));
    }
    assertThat(worker.scratchBytes())
        .isGreaterThanOrEqualTo(SequenceChains.workerBytes(heads, 130) / 2)
        .isLessThan(2 * SequenceChains.workerBytes(heads, 130));
    lease.value().putBack(worker);
    lease.close();
  }

  @Test
  void whatALaneHoldsForTheLongestSequenceIsKnownBefore() {
    try (PreparedKernel kernel = KERNELS.raggedAttention(attention(TOKENS))) {
      // two heads, scores before and after the softmax, twice
      assertThat(kernel.sequenceBytes(100)).isEqualTo(2 * 100 * 100 * (4 + 4) * 2);
      assertThat(kernel.scratchBytes()).isZero();
    }
    try (PreparedKernel kernel = KERNELS.product(product(7))) {
      assertThat(kernel.sequenceBytes(100)).isZero();
    }
  }

  @Test
  void moreWorkersThanAreKeptAreClosed() {
    long before = OneDnn.OBJECTS.sum();
    var heads = new SequenceChains.Heads(1, 8, 0.25, 8, 8, 8, DType.F32);
    var lease = SequenceChains.ALL.take(heads, () -> new SequenceChains(heads));
    SequenceChains chains = lease.value();
    List<SequenceChains.Worker> workers = new ArrayList<>();
    Tensor x = numbers(3, 8);
    long at = x.segment().address();
    Tensor y = memory.empty(DType.F32, Shape.of(3, 8));
    for (int i = 0; i < 100; i++) {
      SequenceChains.Worker worker = chains.borrow();
      worker.run(3, at, at, at, y.segment().address());
      workers.add(worker);
    }
    assertThat(workers).doesNotHaveDuplicates();
    long all = OneDnn.OBJECTS.sum();
    workers.forEach(chains::putBack);
    assertThat(OneDnn.OBJECTS.sum()).isLessThan(all);
    lease.close();
    assertThat(OneDnn.OBJECTS.sum()).isLessThanOrEqualTo(before);
  }
}

package dev.nagare.nn;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Uniform;
import dev.nagare.nn.loss.HuberLoss;
import dev.nagare.optim.Adam;
import dev.nagare.optim.ClipNorm;
import dev.nagare.tensor.ChildJvm;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The step that the benchmark {@code lstm-b1} times: T=32, I=8, H=64. */
class TrainingStepTest {
  private static final int STEPS = 32;
  private static final int INPUT = 8;
  private static final int HIDDEN = 64;

  /** The design's bound on what a steady-state step leaves on the heap. */
  private static final long GARBAGE_BYTES = 4096;

  @Test
  void aSteadyStepLeavesAtMostFourKibibytesOnTheHeap() throws Exception {
    List<String> output = ChildJvm.run(Measurement.class);
    System.out.println("training step: " + output);
    assertThat(Long.parseLong(output.getFirst())).isLessThanOrEqualTo(GARBAGE_BYTES);
  }

  /** Prints the bytes that a steady step leaves on the heap and its median time. */
  static final class Measurement {
    public static void main(String[] arguments) {
      var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      try (var training = new Training()) {
        long perStep = Long.MAX_VALUE;
        long[] nanos = new long[500];
        // Steady once the compilers are done, which takes longer on a busy machine.
        for (int block = 0; block < 60 && (block < 8 || perStep > GARBAGE_BYTES); block++) {
          long before = threads.getCurrentThreadAllocatedBytes();
          for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            training.step();
            nanos[i] = System.nanoTime() - start;
          }
          perStep = (threads.getCurrentThreadAllocatedBytes() - before) / nanos.length;
        }
        Arrays.sort(nanos);
        System.out.println(perStep);
        System.out.printf(
            "bytes of heap, median %.1f us, %s%n",
            nanos[nanos.length / 2] / 1e3, training.kernels.id());
      }
    }
  }

  @Test
  void repeatedStepsFitTheSample() {
    try (var training = new Training()) {
      double first = training.step();
      double last = first;
      for (int i = 0; i < 300; i++) {
        last = training.step();
      }
      assertThat(last).isLessThan(first / 100);
    }
  }

  private static final class Training implements AutoCloseable {
    final Kernels kernels = KernelProviders.firstOf(List.of("vector", "scalar")).kernels();
    private final ProcessMemory memory = new ProcessMemory("test");
    private final Scope scope = new Scope(1 << 20);
    private final Tape tape = new Tape(kernels, scope);
    private final ParameterFactory factory = new ParameterFactory(memory, DType.F32, 1);
    private final Network network = new Network(factory);
    private final List<Parameter> parameters = network.parameters();
    private final Adam adam = new Adam(kernels, parameters, memory);
    private final ClipNorm clip = new ClipNorm(1);
    private final HuberLoss huber = new HuberLoss(1);
    private final Tensor window = memory.empty(DType.F32, Shape.of(1, STEPS, INPUT));
    private final Tensor target = memory.empty(DType.F32, Shape.of(1, INPUT));

    Training() {
      new Uniform(1).fill(window, new CounterRandom(2, 0, 0));
      new Uniform(1).fill(target, new CounterRandom(2, 0, 1));
    }

    double step() {
      tape.reset();
      Variable forecast = network.forward(tape.constant(window));
      Variable loss = huber.forward(forecast, tape.constant(target));
      loss.backward();
      adam.step(1e-3, clip.scale(ClipNorm.norm(kernels, parameters)));
      return loss.item();
    }

    @Override
    public void close() {
      scope.close();
      memory.close();
    }
  }

  private static final class Network extends Module {
    private final Lstm lstm;
    private final Linear head;

    Network(ParameterFactory factory) {
      lstm = register("lstm", new Lstm(factory, INPUT, HIDDEN));
      head = register("head", new Linear(factory, HIDDEN, INPUT));
    }

    Variable forward(Variable x) {
      return head.forward(lstm.forward(x).lastHidden());
    }
  }
}

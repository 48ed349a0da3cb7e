package dev.nagare.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Uniform;
import dev.nagare.nn.loss.HuberLoss;
import dev.nagare.optim.AdamW;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Many training steps leave the process as large as it was.
 *
 * <p>An LSTM with a head, dropout, clipping and AdamW, in a JVM of its own whose heap is touched at
 * the start: what still grows is outside of it. Three sizes: {@code -Dnagare.checks=verify}, {@code
 * ci} or {@code nightly}.
 */
class SoakTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final List<String> FLAGS = List.of("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch");

  /** Compiled code and what malloc keeps; a leak of 16 bytes a step passes it in a million. */
  private static final long SLACK = 8L << 20;

  private enum Size {
    VERIFY(40_000),
    CI(400_000),
    NIGHTLY(1_000_000);

    private final int steps;

    Size(int steps) {
      this.steps = steps;
    }
  }

  @BeforeEach
  void linuxTellsTheResidentMemory() {
    assumeTrue(Files.isReadable(STATUS), "skipped: resident memory is read from " + STATUS);
  }

  @Test
  void residentMemoryStaysFlatOverManySteps() throws Exception {
    String checks = System.getProperty("nagare.checks", "verify");
    Size size = Size.valueOf(checks.toUpperCase(Locale.ROOT));
    long growth = growth(size.steps, 0);
    System.out.printf(
        "soak: size %s, %,d training steps, resident memory grew by %,d bytes%n",
        checks, size.steps, growth);
    assertThat(growth).isLessThan(SLACK);
  }

  @Test
  void aLeakOfAKibibyteAStepIsSeen() throws Exception {
    assertThat(growth(Size.VERIFY.steps, 1024)).isGreaterThan(SLACK);
  }

  private static long growth(int steps, int leak) throws Exception {
    List<String> output =
        ChildJvm.run(FLAGS, Soak.class, Integer.toString(steps), Integer.toString(leak));
    return Long.parseLong(output.getLast());
  }

  /** Prints by how many bytes the process grew after the first fifth of its steps. */
  static final class Soak {
    public static void main(String[] arguments) throws IOException {
      int steps = Integer.parseInt(arguments[0]);
      int leak = Integer.parseInt(arguments[1]);
      try (var memory = new ProcessMemory("soak");
          var lost = new ProcessMemory("lost on purpose");
          var scope = new Scope(1 << 16)) {
        var training = new Training(memory, scope);
        long early = 0;
        for (int step = 0; step < steps; step++) {
          training.step(step);
          if (leak > 0) {
            lost.zeros(DType.F32, Shape.of(leak / 4)).zero();
          }
          if (step == steps / 5) {
            early = residentBytes();
          }
        }
        System.out.println(residentBytes() - early);
      }
    }

    private static long residentBytes() throws IOException {
      try (Stream<String> lines = Files.lines(STATUS)) {
        String line = lines.filter(text -> text.startsWith("VmRSS:")).findFirst().orElseThrow();
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
  }

  private static final class Training {
    private final Kernels kernels = KernelProviders.best().kernels();
    private final Tape tape;
    private final Lstm lstm;
    private final Linear head;
    private final AdamW adamW;
    private final ClipNorm clip = new ClipNorm(1);
    private final HuberLoss huber = new HuberLoss(1);
    private final Tensor window;
    private final Tensor target;

    Training(ProcessMemory memory, Scope scope) {
      tape = new Tape(kernels, scope);
      var factory = new ParameterFactory(memory, DType.F32, 1);
      lstm = new Lstm(factory, 4, 16);
      head = new Linear(factory, 16, 4);
      adamW =
          new AdamW(
              kernels,
              Stream.of(lstm, head).flatMap(layer -> layer.parameters().stream()).toList(),
              memory);
      window = memory.empty(DType.F32, Shape.of(2, 8, 4));
      target = memory.empty(DType.F32, Shape.of(2, 4));
      new Uniform(1).fill(window, new CounterRandom(2, 0, 0));
      new Uniform(1).fill(target, new CounterRandom(2, 0, 1));
    }

    void step(int step) {
      Variable hidden = lstm.forward(tape.constant(window)).lastHidden();
      Variable forecast = head.forward(hidden.dropout(0.1, new CounterRandom(3, step, 0)));
      huber.forward(forecast, tape.constant(target)).backward();
      adamW.step(1e-3, clip.scale(ClipNorm.norm(kernels, adamW.parameters())));
      tape.reset();
    }
  }
}

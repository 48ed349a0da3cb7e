package dev.nagare.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.graph.Graph;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class AbandonedPlanTest {
  private final Kernels kernels = WatchedKernels.of((spec, make) -> counted(make));
  private int made;
  private int open;
  private int failing = Integer.MAX_VALUE;

  private PreparedKernel counted(Supplier<PreparedKernel> make) {
    if (made == failing) {
      throw TensorException.mismatch("not this one");
    }
    made++;
    PreparedKernel kernel = make.get();
    open++;
    var closed = new AtomicBoolean();
    return WatchedKernels.proxy(
        PreparedKernel.class,
        (method, arguments) -> {
          if (method.getName().equals("close") && closed.compareAndSet(false, true)) {
            open--;
          }
          return WatchedKernels.call(kernel, method, arguments);
        });
  }

  @Test
  void whicheverKernelCannotBeMadeNoneOfTheOthersIsLeft() {
    try (var memory = new ProcessMemory("test")) {
      for (Graph graph :
          List.of(
              Networks.rows(memory),
              Networks.images(memory),
              Networks.windows(memory),
              Networks.concats(memory),
              SequencesTest.encoder(memory))) {
        failing = Integer.MAX_VALUE;
        compile(graph); // rows are checked once
        made = 0;
        compile(graph);
        int all = made;
        assertThat(all).isGreaterThan(2);
        assertThat(open).as("%s", graph.name()).isZero();
        for (failing = 0; failing < all; failing++) {
          made = 0;
          assertThatThrownBy(() -> compile(graph)).hasMessage("not this one");
          assertThat(open).as("%s without kernel %d", graph.name(), failing).isZero();
        }
      }
    }
  }

  private void compile(Graph graph) {
    Map<String, Long> dims =
        graph.name().equals("encoder") ? Map.of("tokens", 16L, "offsets", 5L) : Map.of("batch", 4L);
    Plan.compile(graph, dims, kernels, PlanOptions.DEFAULT.lanes(2)).close();
  }
}

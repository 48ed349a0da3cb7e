package dev.nagare.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.autograd.Tape;
import dev.nagare.nn.init.Uniform;
import dev.nagare.nn.loss.HuberLoss;
import dev.nagare.optim.Adam;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardsTest {
  private static final int ROWS = 7;

  private static final class Network extends Module {
    final Gru gru;
    final Linear head;

    Network(ParameterFactory factory) {
      gru = register("gru", new Gru(factory, 3, 16));
      head = register("head", new Linear(factory, 16, 2));
    }
  }

  /** Parameters after some steps. */
  private static List<float[]> train(String provider, int count, int threads) {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    List<Scope> scopes = new ArrayList<>();
    try (var memory = new ProcessMemory("test");
        var shards = new Shards(count, threads)) {
      var factory = new ParameterFactory(memory, DType.F32, 1);
      var model = new Network(factory);
      List<Network> replicas = new ArrayList<>();
      List<List<Parameter>> parameters = new ArrayList<>();
      List<Tape> tapes = new ArrayList<>();
      double[] weights = new double[count];
      for (int i = 0; i < count; i++) {
        replicas.add(new Network(factory.replica()));
        parameters.add(replicas.get(i).parameters());
        scopes.add(new Scope(1 << 18));
        tapes.add(new Tape(kernels, scopes.get(i)));
        weights[i] = (end(i, count) - end(i - 1, count)) / (double) ROWS;
      }
      Tensor x = memory.empty(DType.F32, Shape.of(ROWS, 5, 3));
      Tensor y = memory.empty(DType.F32, Shape.of(ROWS, 2));
      new Uniform(1).fill(x, new CounterRandom(1, 0, 1));
      new Uniform(1).fill(y, new CounterRandom(1, 0, 2));
      var adam = new Adam(kernels, model.parameters(), memory);
      var huber = new HuberLoss(1);
      for (int step = 0; step < 20; step++) {
        shards.run(
            shard -> {
              int from = end(shard - 1, count);
              int rows = end(shard, count) - from;
              Tape tape = tapes.get(shard);
              tape.reset();
              Network replica = replicas.get(shard);
              var output = replica.gru.run(tape.constant(x.narrow(from, rows)));
              var forecast = replica.head.forward(output.states().getFirst().hidden());
              huber.forward(forecast, tape.constant(y.narrow(from, rows))).backward();
            });
        Shards.gather(kernels, model.parameters(), parameters, weights);
        adam.step(1e-3, 1);
      }
      return model.parameters().stream().map(p -> p.value().toFloats()).toList();
    } finally {
      scopes.forEach(Scope::close);
    }
  }

  private static int end(int shard, int count) {
    return (shard + 1) * ROWS / count;
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void bitsDoNotDependOnTheNumberOfThreads(String provider) {
    List<float[]> one = train(provider, 3, 1);
    for (int threads : List.of(2, 3, 5)) {
      List<float[]> more = train(provider, 3, threads);
      for (int i = 0; i < one.size(); i++) {
        assertThat(more.get(i)).as("%s threads", threads).isEqualTo(one.get(i));
      }
    }
  }

  @Test
  void shardsLearnWhatTheWholeBatchDoes() {
    List<float[]> whole = train("vector", 1, 1);
    List<float[]> parts = train("vector", 3, 2);
    for (int i = 0; i < whole.size(); i++) {
      for (int j = 0; j < whole.get(i).length; j++) {
        // 20 steps of 1e-3 whose directions differ by rounding.
        assertThat((double) parts.get(i)[j]).isCloseTo(whole.get(i)[j], within(2e-4));
      }
    }
  }

  @Test
  void whatAShardThrowsIsThrownOnceAllHaveEnded() {
    try (var shards = new Shards(4, 2)) {
      boolean[] ended = new boolean[4];
      assertThatThrownBy(
              () ->
                  shards.run(
                      shard -> {
                        ended[shard] = true;
                        if (shard > 0) {
                          throw new IllegalStateException("shard " + shard);
                        }
                      }))
          .hasMessage("shard 1");
      assertThat(ended).containsOnly(true);
      shards.run(shard -> {}); // and it goes on
    }
    assertThatThrownBy(() -> new Shards(0, 1)).hasMessageContaining("got 0 and 1");
  }

  @Test
  void aReplicaOfAnotherModelIsRefused() {
    try (var memory = new ProcessMemory("test")) {
      var factory = new ParameterFactory(memory, DType.F32, 1);
      var first = new Linear(factory, 2, 3);
      var replica = new Linear(factory.replica(), 2, 3);
      first.parameter("weight").value().set(0, 42);
      assertThat(replica.parameter("weight").value().get(0)).isEqualTo(42);
      assertThat(replica.parameter("weight").gradient())
          .isNotSameAs(first.parameter("weight").gradient());
      ParameterFactory other = factory.replica();
      assertThatThrownBy(() -> new Linear(other, 2, 4))
          .hasMessageContaining("replica: parameter 0 is weight [4, 2], expected weight");
    }
  }
}

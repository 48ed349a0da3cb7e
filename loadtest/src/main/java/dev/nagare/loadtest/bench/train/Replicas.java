package dev.nagare.loadtest.bench.train;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.Module;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.Shards;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A model and its replicas for training in shards of equal size, a thread for each. The first shard
 * uses the model itself, so that its gradients are where the optimizer looks for them.
 */
final class Replicas<M extends Module> implements AutoCloseable {
  private static final long SCOPE_BYTES = 1 << 20;

  private final Kernels kernels;
  private final Shards shards;
  private final List<M> models = new ArrayList<>();
  private final List<Scope> scopes = new ArrayList<>();
  private final List<Tape> tapes = new ArrayList<>();
  private final List<Parameter> parameters;
  private final List<List<Parameter>> others = new ArrayList<>();
  private final double[] weights;
  private final double[] losses;

  /** The mean loss of a shard's rows. */
  interface Loss<M> {
    Variable of(M model, Tape tape, int shard);
  }

  Replicas(Kernels kernels, ProcessMemory memory, int count, Function<ParameterFactory, M> build) {
    this.kernels = kernels;
    shards = new Shards(count, count);
    var factory = new ParameterFactory(memory, DType.F32, 1);
    for (int i = 0; i < count; i++) {
      models.add(build.apply(i == 0 ? factory : factory.replica()));
      scopes.add(new Scope(SCOPE_BYTES));
      tapes.add(new Tape(kernels, scopes.get(i)));
    }
    parameters = models.getFirst().parameters();
    models.subList(1, count).forEach(replica -> others.add(replica.parameters()));
    weights = new double[count - 1];
    Arrays.fill(weights, 1);
    losses = new double[count];
  }

  /** The model's parameters, with the gradients of all shards after {@link #backward}. */
  List<Parameter> parameters() {
    return parameters;
  }

  /** Forward and backward of all shards; returns the mean loss. */
  float backward(Loss<M> loss) {
    int count = losses.length;
    shards.run(
        shard -> {
          Tape tape = tapes.get(shard);
          Variable mean = loss.of(models.get(shard), tape, shard);
          losses[shard] = mean.item() / count;
          (count == 1 ? mean : mean.mul(1.0 / count)).backward();
          tape.reset();
        });
    Shards.gather(kernels, parameters, others, weights);
    return (float) Arrays.stream(losses).sum();
  }

  /** Views of a batch's rows, as many to each shard. */
  Tensor[] cut(Tensor batch) {
    var parts = new Tensor[losses.length];
    long rows = batch.dim(0) / parts.length;
    Arrays.setAll(parts, shard -> batch.narrow(shard * rows, rows));
    return parts;
  }

  String threads() {
    return losses.length + (losses.length == 1 ? " thread" : " threads");
  }

  @Override
  public void close() {
    shards.close();
    scopes.forEach(Scope::close);
  }
}

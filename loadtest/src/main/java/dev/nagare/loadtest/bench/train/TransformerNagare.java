package dev.nagare.loadtest.bench.train;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.loadtest.bench.duel.Workload;
import dev.nagare.nn.Embedding;
import dev.nagare.nn.LearnedPositions;
import dev.nagare.nn.Linear;
import dev.nagare.nn.Module;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.TransformerEncoder;
import dev.nagare.nn.TransformerOptions;
import dev.nagare.nn.loss.SoftmaxCrossEntropy;
import dev.nagare.optim.Adam;
import dev.nagare.optim.AdamW;
import dev.nagare.optim.ParameterGroup;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Attention.Mask;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;

/** {@link TransformerTask} on our own layers. */
final class TransformerNagare implements Workload {
  private final Kernels kernels = KernelProviders.best().kernels();
  private final ProcessMemory memory = new ProcessMemory("benchmark transformer");
  private final Replicas<Model> replicas;
  private final SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy();
  private final AdamW adamW;

  /** By batch and shard. */
  private final Tensor[][] words;

  private final Tensor[][] next;
  private int steps;

  private static final class Model extends Module {
    private final Embedding embedding;
    private final LearnedPositions positions;
    private final TransformerEncoder encoder;
    private final Linear head;

    Model(ParameterFactory factory) {
      int features = TransformerTask.FEATURES;
      var options =
          new TransformerOptions(features, TransformerTask.HEADS, TransformerTask.FEED_FORWARD)
              .withNormFirst(true)
              .withActivation(Variable::gelu);
      embedding = register("words", new Embedding(factory, TransformerTask.WORDS, features));
      positions =
          register("positions", new LearnedPositions(factory, TransformerTask.TIME, features));
      encoder =
          register("encoder", new TransformerEncoder(factory, options, TransformerTask.DEPTH));
      head = register("head", new Linear(factory, features, TransformerTask.WORDS));
    }

    Variable forward(Tape tape, Tensor words) {
      Variable x = positions.forward(embedding.forward(tape, words));
      return head.forward(encoder.forward(x, Mask.CAUSAL));
    }
  }

  TransformerNagare(int shards) {
    var task = new TransformerTask();
    replicas = new Replicas<>(kernels, memory, shards, Model::new);
    Weight.copy(task.weights(), replicas.parameters());
    adamW =
        new AdamW(
            kernels,
            memory,
            new Adam.Betas(TransformerTask.BETA1, TransformerTask.BETA2, TransformerTask.EPSILON),
            ParameterGroup.of(replicas.parameters()).withWeightDecay(TransformerTask.WEIGHT_DECAY));
    words = new Tensor[TransformerTask.BATCHES][];
    next = new Tensor[TransformerTask.BATCHES][];
    for (int i = 0; i < words.length; i++) {
      words[i] = replicas.cut(numbers(task.words(i, 0)));
      next[i] = replicas.cut(numbers(task.words(i, 1)));
    }
  }

  private Tensor numbers(long[] values) {
    Tensor tensor = memory.empty(DType.I64, Shape.of(TransformerTask.BATCH, TransformerTask.TIME));
    for (int i = 0; i < values.length; i++) {
      tensor.setLong(i, values[i]);
    }
    return tensor;
  }

  @Override
  public String description() {
    return "Nagare, kernels " + kernels.id() + ", " + replicas.threads();
  }

  @Override
  public float step() {
    int batch = steps++ % words.length;
    float mean =
        replicas.backward(
            (model, tape, shard) ->
                loss.forward(
                    model.forward(tape, words[batch][shard]), tape.constant(next[batch][shard])));
    adamW.step(TransformerTask.LEARNING_RATE);
    return mean;
  }

  @Override
  public void close() {
    replicas.close();
    memory.close();
  }
}

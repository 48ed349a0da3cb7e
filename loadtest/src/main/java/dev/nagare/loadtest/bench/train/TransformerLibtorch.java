package dev.nagare.loadtest.bench.train;

import ai.djl.ndarray.NDArray;
import dev.nagare.loadtest.bench.duel.Workload;
import java.util.List;

/** {@link TransformerTask} on libtorch, with its fused attention. */
final class TransformerLibtorch implements Workload {
  private static final String EPSILON = "1.0e-05";

  private final int threads;
  private final TorchTraining training;
  private final NDArray[] words = new NDArray[TransformerTask.BATCHES];
  private final NDArray[] next = new NDArray[TransformerTask.BATCHES];
  private int steps;

  TransformerLibtorch(int threads) {
    this.threads = threads;
    var task = new TransformerTask();
    var plan = new TorchTraining.Plan(loss(), update(task.weights().size()), 2, List.of(), false);
    training = new TorchTraining(threads, task.weights(), plan);
    for (int i = 0; i < words.length; i++) {
      words[i] = training.numbers(task.words(i, 0), TransformerTask.BATCH, TransformerTask.TIME);
      next[i] =
          training.numbers(task.words(i, 1), (long) TransformerTask.BATCH * TransformerTask.TIME);
    }
  }

  private static String loss() {
    var lines = new StringBuilder("x = torch.add(torch.embedding(p0, x), p1)\n");
    int p = 2;
    for (int layer = 0; layer < TransformerTask.DEPTH; layer++) {
      lines.append(
          """
          n = %s
          qkv = torch.reshape(torch.linear(n, %s), [%d, %d, 3, %d, %d])
          qkv = torch.permute(qkv, [2, 0, 3, 1, 4])
          q = torch.select(qkv, 0, 0)
          k = torch.select(qkv, 0, 1)
          v = torch.select(qkv, 0, 2)
          a = torch.scaled_dot_product_attention(q, k, v, None, 0., True)
          a = torch.reshape(torch.transpose(a, 1, 2), [%d, %d, %d])
          x = torch.add(x, torch.linear(a, %s))
          n = %s
          x = torch.add(x, torch.linear(torch.gelu(torch.linear(n, %s)), %s))
          """
              .formatted(
                  norm(p + 8),
                  pair(p),
                  TransformerTask.BATCH,
                  TransformerTask.TIME,
                  TransformerTask.HEADS,
                  TransformerTask.FEATURES / TransformerTask.HEADS,
                  TransformerTask.BATCH,
                  TransformerTask.TIME,
                  TransformerTask.FEATURES,
                  pair(p + 2),
                  norm(p + 10),
                  pair(p + 4),
                  pair(p + 6)));
      p += 12;
    }
    lines.append(
        """
        x = torch.linear(%s, %s)
        x = torch.reshape(x, [-1, %d])
        return [torch.cross_entropy_loss(x, y)]
        """
            .formatted(norm(p), pair(p + 2), TransformerTask.WORDS));
    return lines.toString();
  }

  private static String pair(int first) {
    return "p" + first + ", p" + (first + 1);
  }

  private static String norm(int first) {
    return "torch.layer_norm(x, ["
        + TransformerTask.FEATURES
        + "], "
        + pair(first)
        + ", "
        + EPSILON
        + ", True)";
  }

  private static String update(int count) {
    String each = "t, ".repeat(count);
    return "p = "
        + TorchTraining.detached("p", count)
        + "\ng = "
        + TorchTraining.detached("g", count)
        + "\ntorch._fused_adamw_(p, g, "
        + TorchTraining.detached("m", count)
        + ", "
        + TorchTraining.detached("v", count)
        + ", annotate(List[Tensor], []), ["
        + each
        + "], lr="
        + TransformerTask.LEARNING_RATE
        + ", beta1="
        + TransformerTask.BETA1
        + ", beta2="
        + TransformerTask.BETA2
        + ", weight_decay="
        + TransformerTask.WEIGHT_DECAY
        + ", eps="
        + TransformerTask.EPSILON
        + ", amsgrad=False, maximize=False)\n"
        + TorchTraining.ZEROED;
  }

  @Override
  public String description() {
    return training.description(threads, false);
  }

  @Override
  public float step() {
    int batch = steps++ % words.length;
    return training.step(words[batch], next[batch]);
  }

  @Override
  public void close() {
    training.close();
  }
}

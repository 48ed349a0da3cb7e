package dev.nagare.loadtest.bench.train;

import ai.djl.ndarray.NDArray;
import dev.nagare.loadtest.bench.duel.Workload;
import java.util.ArrayList;
import java.util.List;

/** {@link CnnTask} on libtorch. */
final class CnnLibtorch implements Workload {
  private final int threads;
  private final boolean channelsLast;
  private final TorchTraining training;
  private final NDArray[] images = new NDArray[CnnTask.BATCHES];
  private final NDArray[] labels = new NDArray[CnnTask.BATCHES];
  private int steps;

  CnnLibtorch(int threads, boolean channelsLast) {
    this.threads = threads;
    this.channelsLast = channelsLast;
    var task = new CnnTask();
    var script = new Script();
    String loss = script.loss();
    var plan =
        new TorchTraining.Plan(
            loss, update(task.weights().size()), 1, script.buffers, channelsLast);
    training = new TorchTraining(threads, task.weights(), plan);
    long[] dims = {CnnTask.BATCH, CnnTask.CHANNELS, CnnTask.SIZE, CnnTask.SIZE};
    for (int i = 0; i < images.length; i++) {
      images[i] = training.place(task.images(i), channelsLast, dims);
      labels[i] = training.numbers(task.labels(i), CnnTask.BATCH);
    }
  }

  /** The network's source; parameters and running statistics are counted as they come. */
  private static final class Script {
    private final StringBuilder lines = new StringBuilder();
    private final List<Weight> buffers = new ArrayList<>();
    private int parameters;

    String loss() {
      convolution("x", "x", CnnTask.WIDTHS[0], 3, 1);
      line("x = torch.relu_(x)");
      int in = CnnTask.WIDTHS[0];
      for (int width : CnnTask.WIDTHS) {
        for (int block = 0; block < CnnTask.BLOCKS; block++) {
          int stride = in == width ? 1 : 2;
          convolution("z", "x", width, 3, stride);
          line("z = torch.relu_(z)");
          convolution("z", "z", width, 3, 1);
          if (in != width) {
            convolution("x", "x", width, 1, stride);
          }
          line("x = torch.relu_(torch.add_(z, x))");
          in = width;
        }
      }
      line("x = torch.flatten(torch.adaptive_avg_pool2d(x, [1, 1]), 1)");
      line("x = torch.linear(x, p" + parameters + ", p" + (parameters + 1) + ")");
      line("return [torch.cross_entropy_loss(x, y)]");
      return lines.toString();
    }

    private void convolution(String to, String from, int out, int kernel, int stride) {
      int p = parameters;
      int b = buffers.size();
      parameters += 3;
      buffers.add(Weight.constant(0, out));
      buffers.add(Weight.constant(1, out));
      String s = "[" + stride + ", " + stride + "]";
      String padding = "[" + kernel / 2 + ", " + kernel / 2 + "]";
      line(to + " = torch.conv2d(" + from + ", p" + p + ", None, " + s + ", " + padding + ")");
      String affine = "p" + (p + 1) + ", p" + (p + 2) + ", b" + b + ", b" + (b + 1);
      line(to + " = torch.batch_norm(" + to + ", " + affine + ", True, 0.1, 1.0e-05, True)");
    }

    private void line(String line) {
      lines.append(line).append('\n');
    }
  }

  private static String update(int count) {
    return "p = "
        + TorchTraining.detached("p", count)
        + "\ng = "
        + TorchTraining.detached("g", count)
        + "\ntorch._fused_sgd_(p, g, "
        + TorchTraining.detached("m", count)
        + ", weight_decay=0., momentum="
        + CnnTask.MOMENTUM
        + ", lr="
        + CnnTask.LEARNING_RATE
        + ", dampening=0., nesterov=False, maximize=False, is_first_step=False)\n"
        + TorchTraining.ZEROED;
  }

  @Override
  public String description() {
    return training.description(threads, channelsLast);
  }

  @Override
  public float step() {
    int batch = steps++ % CnnTask.BATCHES;
    return training.step(images[batch], labels[batch]);
  }

  @Override
  public void close() {
    training.close();
  }
}

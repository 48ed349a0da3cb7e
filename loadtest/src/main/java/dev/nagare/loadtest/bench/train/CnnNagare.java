package dev.nagare.loadtest.bench.train;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.loadtest.bench.duel.Workload;
import dev.nagare.nn.BatchNorm2d;
import dev.nagare.nn.Conv2d;
import dev.nagare.nn.GlobalAvgPool;
import dev.nagare.nn.Layer;
import dev.nagare.nn.Linear;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.ResidualBlock;
import dev.nagare.nn.Sequential;
import dev.nagare.nn.Shards;
import dev.nagare.nn.loss.SoftmaxCrossEntropy;
import dev.nagare.optim.Sgd;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Window;
import java.util.ArrayList;
import java.util.List;

/** {@link CnnTask} on our own layers; the convolutions of a batch are shared out. */
final class CnnNagare implements Workload {
  private final Kernels kernels = KernelProviders.best().kernels();
  private final ProcessMemory memory = new ProcessMemory("benchmark cnn");
  private final Scope scope = new Scope(1 << 25);
  private final Shards shards;
  private final Tape tape;
  private final Sequential network;
  private final SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy();
  private final Sgd sgd;
  private final Tensor[] images = new Tensor[CnnTask.BATCHES];
  private final Tensor[] labels = new Tensor[CnnTask.BATCHES];
  private int steps;

  CnnNagare(int threads) {
    shards = new Shards(threads, threads);
    tape = new Tape(kernels, scope, shards);
    var task = new CnnTask();
    network = network(new ParameterFactory(memory, DType.F32, 1));
    Weight.copy(task.weights(), network.parameters());
    var momentum = Sgd.Options.momentum(CnnTask.MOMENTUM);
    sgd = new Sgd(kernels, network.parameters(), memory, momentum);
    Shape shape = Shape.of(CnnTask.BATCH, CnnTask.CHANNELS, CnnTask.SIZE, CnnTask.SIZE);
    for (int i = 0; i < images.length; i++) {
      images[i] = memory.of(shape, task.images(i));
      labels[i] = memory.empty(DType.I64, Shape.of(CnnTask.BATCH));
      long[] classes = task.labels(i);
      for (int n = 0; n < classes.length; n++) {
        labels[i].setLong(n, classes[n]);
      }
    }
  }

  private static Sequential network(ParameterFactory factory) {
    List<Layer> layers = new ArrayList<>();
    int in = CnnTask.WIDTHS[0];
    Window three = Window.of(3, 3).padding(1, 1);
    layers.add(new Conv2d(factory, CnnTask.CHANNELS, in, three, 1, false));
    layers.add(new BatchNorm2d(factory, in));
    layers.add(Variable::relu);
    for (int width : CnnTask.WIDTHS) {
      for (int block = 0; block < CnnTask.BLOCKS; block++) {
        layers.add(new ResidualBlock(factory, in, width, in == width ? 1 : 2));
        in = width;
      }
    }
    layers.add(new GlobalAvgPool());
    layers.add(new Linear(factory, in, CnnTask.CLASSES));
    return new Sequential(layers.toArray(Layer[]::new));
  }

  @Override
  public String description() {
    return "Nagare, kernels " + kernels.id() + ", " + shards.count() + " threads";
  }

  @Override
  public float step() {
    int batch = steps++ % CnnTask.BATCHES;
    Variable logits = network.forward(tape.constant(images[batch]));
    Variable mean = loss.forward(logits, tape.constant(labels[batch]));
    mean.backward();
    sgd.step(CnnTask.LEARNING_RATE);
    float value = (float) mean.item();
    tape.reset();
    return value;
  }

  @Override
  public void close() {
    shards.close();
    scope.close();
    memory.close();
  }
}

package dev.nagare.loadtest.bench.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import dev.nagare.loadtest.bench.duel.Workload;

/** {@link SmallAdd} with the collector open all the time; a step's results go with its manager. */
final class SmallAddLibtorch implements Workload {
  private final int threads;
  private final Engine engine;
  private final NDManager manager;
  private final NDArray first;
  private final NDArray second;
  private final GradientCollector collector;

  @SuppressWarnings("MustBeClosedChecker") // until close()
  SmallAddLibtorch(int threads) {
    this.threads = threads;
    engine = Libtorch.engine(threads);
    manager = engine.newBaseManager(Device.cpu());
    first = manager.create(SmallAdd.operand(1));
    second = manager.create(SmallAdd.operand(2));
    first.setRequiresGradient(true);
    collector = engine.newGradientCollector();
  }

  @Override
  public String description() {
    return Libtorch.description(engine, threads);
  }

  @Override
  public float step() {
    try (NDManager scope = manager.newSubManager()) {
      first.tempAttach(scope); // what is computed from it belongs to the scope
      NDArray sum = first.add(second);
      for (int i = 1; i < SmallAdd.ADDITIONS; i++) {
        sum = first.add(second);
      }
      return sum.getFloat(15);
    }
  }

  @Override
  public void close() {
    collector.close();
    manager.close();
  }
}

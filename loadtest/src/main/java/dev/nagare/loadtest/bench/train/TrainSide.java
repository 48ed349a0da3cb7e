package dev.nagare.loadtest.bench.train;

import com.google.errorprone.annotations.Immutable;
import dev.nagare.loadtest.bench.duel.Side;
import dev.nagare.loadtest.bench.duel.Workload;
import java.util.List;
import java.util.Map;

/** The workloads of this suite, each of which can be started in a JVM of its own, by name. */
enum TrainSide implements Side {
  NAGARE_LSTM_B1(1, threads -> new LstmNagare(LstmTask.B1, 1)),
  LIBTORCH_LSTM_B1_1T(1, threads -> new LstmLibtorch(LstmTask.B1, threads)),
  LIBTORCH_LSTM_B1_2T(2, threads -> new LstmLibtorch(LstmTask.B1, threads)),
  NAGARE_LSTM_B16(1, threads -> new LstmNagare(LstmTask.B16, 2)),
  LIBTORCH_LSTM_B16_1T(1, threads -> new LstmLibtorch(LstmTask.B16, threads)),
  LIBTORCH_LSTM_B16_2T(2, threads -> new LstmLibtorch(LstmTask.B16, threads)),
  NAGARE_LSTM_B32_H128(1, threads -> new LstmNagare(LstmTask.B32_H128, 2)),
  LIBTORCH_LSTM_B32_H128_1T(1, threads -> new LstmLibtorch(LstmTask.B32_H128, threads)),
  LIBTORCH_LSTM_B32_H128_2T(2, threads -> new LstmLibtorch(LstmTask.B32_H128, threads)),
  NAGARE_CNN(1, threads -> new CnnNagare(2)),
  LIBTORCH_CNN_1T(1, threads -> new CnnLibtorch(threads, false)),
  LIBTORCH_CNN_2T(2, threads -> new CnnLibtorch(threads, false)),
  LIBTORCH_CNN_1T_LAST(1, threads -> new CnnLibtorch(threads, true)),
  LIBTORCH_CNN_2T_LAST(2, threads -> new CnnLibtorch(threads, true)),
  NAGARE_TRANSFORMER(1, threads -> new TransformerNagare(2)),
  LIBTORCH_TRANSFORMER_1T(1, TransformerLibtorch::new),
  LIBTORCH_TRANSFORMER_2T(2, TransformerLibtorch::new),
  NAGARE_ADAMW(1, threads -> new AdamWNagare()),
  LIBTORCH_ADAMW_1T(1, AdamWLibtorch::new),
  LIBTORCH_ADAMW_2T(2, AdamWLibtorch::new),
  LIBTORCH_ADAMW_1T_KEPT(1, AdamWLibtorch::new, true),
  LIBTORCH_ADAMW_2T_KEPT(2, AdamWLibtorch::new, true),
  /** The least that a step must read and write, and next to no arithmetic. */
  ADAMW_LOOP(1, threads -> new AdamWLoop()),
  NAGARE_OP_SMALL(1, threads -> new SmallAddNagare()),
  LIBTORCH_OP_SMALL_1T(1, SmallAddLibtorch::new),
  LIBTORCH_OP_SMALL_2T(2, SmallAddLibtorch::new),
  NAGARE_MATMUL_512(1, threads -> new MatmulNagare()),
  NAGARE_CONVOLUTION(1, threads -> new ConvolutionNagare());

  /**
   * What makes glibc keep all memory that it ever had, in one heap. By default it gives arrays of
   * megabytes back to the system, and every new one costs a page fault per 4 KiB.
   */
  private static final Map<String, String> KEPT_MEMORY =
      Map.of(
          "MALLOC_ARENA_MAX", "1",
          "MALLOC_MMAP_MAX_", "0",
          "MALLOC_TRIM_THRESHOLD_", "8000000000");

  private final int threads;
  private final Maker maker;

  /** Makes a workload. */
  @Immutable
  private interface Maker {
    Workload make(int threads);
  }

  private final boolean keepsMemory;

  TrainSide(int threads, Maker maker) {
    this(threads, maker, false);
  }

  /**
   * A side.
   *
   * @param threads that its library may use
   * @param maker makes it, told the threads
   * @param keepsMemory whether its malloc does
   */
  TrainSide(int threads, Maker maker, boolean keepsMemory) {
    this.threads = threads;
    this.maker = maker;
    this.keepsMemory = keepsMemory;
  }

  /** Finds a side by its name. */
  static final class ByName implements Opener {
    @Override
    public Workload open(List<String> arguments) {
      TrainSide side = valueOf(arguments.getFirst());
      return side.maker.make(side.threads);
    }
  }

  @Override
  public Class<? extends Opener> opener() {
    return ByName.class;
  }

  @Override
  public List<String> arguments() {
    return List.of(name());
  }

  @Override
  public int threads() {
    return threads;
  }

  @Override
  public Map<String, String> environment() {
    Map<String, String> environment = Side.super.environment();
    if (keepsMemory) {
      environment.putAll(KEPT_MEMORY);
    }
    return environment;
  }
}

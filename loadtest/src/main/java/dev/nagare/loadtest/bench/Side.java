package dev.nagare.loadtest.bench;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A workload that can be started in a JVM of its own, by name. */
enum Side {
  /** Our fused step. */
  NAGARE_LSTM_B1(LstmB1Nagare::new, 1),
  /** libtorch with one thread. */
  LIBTORCH_LSTM_B1_1T(() -> new LstmB1Libtorch(1), 1),
  /** libtorch with two threads. */
  LIBTORCH_LSTM_B1_2T(() -> new LstmB1Libtorch(2), 2);

  private final Supplier<Workload> workload;
  private final int threads;

  Side(Supplier<Workload> workload, int threads) {
    this.workload = workload;
    this.threads = threads;
  }

  Workload open() {
    return workload.get();
  }

  /** Flags of its JVM beyond those of the parent. */
  List<String> jvmFlags() {
    return List.of("-Xmx1g", "-Dai.djl.offline=true");
  }

  /** Environment of its JVM; a peer's library is to fetch nothing and to report nothing. */
  Map<String, String> environment() {
    return Map.of(
        "OMP_NUM_THREADS", Integer.toString(threads), "OPT_OUT_TRACKING", "true", "DJL_OFFLINE", "true");
  }
}

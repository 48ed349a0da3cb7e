package dev.nagare.loadtest.bench;

import java.util.List;
import java.util.Map;

/** A workload that can be started in a JVM of its own, by name. */
enum Side {
  /** Our fused step. */
  NAGARE_LSTM_B1(1),
  /** libtorch with one thread. */
  LIBTORCH_LSTM_B1_1T(1),
  /** libtorch with two threads. */
  LIBTORCH_LSTM_B1_2T(2);

  private final int threads;

  Side(int threads) {
    this.threads = threads;
  }

  Workload open() {
    return switch (this) {
      case NAGARE_LSTM_B1 -> new LstmB1Nagare();
      case LIBTORCH_LSTM_B1_1T, LIBTORCH_LSTM_B1_2T -> new LstmB1Libtorch(threads);
    };
  }

  /** Flags of its JVM beyond those of the parent. */
  List<String> jvmFlags() {
    return List.of("-Xmx1g", "-Dai.djl.offline=true");
  }

  /** Environment of its JVM; a peer's library is to fetch nothing and to report nothing. */
  Map<String, String> environment() {
    return Map.of(
        "OMP_NUM_THREADS",
        Integer.toString(threads),
        "OPT_OUT_TRACKING",
        "true",
        "DJL_OFFLINE",
        "true");
  }
}

package dev.nagare.loadtest.bench.train;

import dev.nagare.loadtest.bench.Figure;
import java.util.List;

/** The suite {@code train}. */
public final class TrainSuite {
  /**
   * Losses of f32 programs that sum in another order; from the same weights they stay this close.
   */
  private static final double TOLERANCE = 1e-4;

  static final Duel LSTM_B1 =
      new Duel(
          "lstm-b1",
          Side.NAGARE_LSTM_B1,
          List.of(Side.LIBTORCH_LSTM_B1_1T, Side.LIBTORCH_LSTM_B1_2T),
          TOLERANCE,
          2_000,
          200,
          1,
          true);

  private static final Duel LSTM_B16 =
      new Duel(
          "lstm-b16",
          Side.NAGARE_LSTM_B16,
          List.of(Side.LIBTORCH_LSTM_B16_1T, Side.LIBTORCH_LSTM_B16_2T),
          TOLERANCE,
          1_500,
          100);

  private static final Duel LSTM_B32_H128 =
      new Duel(
          "lstm-b32-h128",
          Side.NAGARE_LSTM_B32_H128,
          List.of(Side.LIBTORCH_LSTM_B32_H128_1T, Side.LIBTORCH_LSTM_B32_H128_2T),
          TOLERANCE,
          400,
          20);

  private static final Duel CNN =
      new Duel(
          "cnn-b16",
          Side.NAGARE_CNN,
          List.of(
              Side.LIBTORCH_CNN_1T,
              Side.LIBTORCH_CNN_2T,
              Side.LIBTORCH_CNN_1T_LAST,
              Side.LIBTORCH_CNN_2T_LAST),
          TOLERANCE,
          80,
          6);

  private static final Duel TRANSFORMER =
      new Duel(
          "transformer-b16",
          Side.NAGARE_TRANSFORMER,
          List.of(Side.LIBTORCH_TRANSFORMER_1T, Side.LIBTORCH_TRANSFORMER_2T),
          TOLERANCE,
          120,
          8);

  private static final Duel ADAMW =
      new Duel(
          "adamw-10m",
          Side.NAGARE_ADAMW,
          List.of(Side.LIBTORCH_ADAMW_1T, Side.LIBTORCH_ADAMW_2T),
          TOLERANCE,
          40,
          5);

  /** Against what the peer could do if its allocator were told to. */
  private static final Duel ADAMW_KEPT =
      new Duel(
          "adamw-10m-kept",
          Side.NAGARE_ADAMW,
          List.of(Side.LIBTORCH_ADAMW_1T_KEPT, Side.LIBTORCH_ADAMW_2T_KEPT),
          TOLERANCE,
          40,
          5);

  private static final Duel ADAMW_LOOP =
      new Duel(
          "adamw-10m-loop",
          Side.NAGARE_ADAMW,
          List.of(Side.ADAMW_LOOP),
          Double.POSITIVE_INFINITY,
          60,
          10);

  private static final Duel OP_SMALL =
      new Duel(
          "op-small",
          Side.NAGARE_OP_SMALL,
          List.of(Side.LIBTORCH_OP_SMALL_1T, Side.LIBTORCH_OP_SMALL_2T),
          0,
          20_000,
          200,
          SmallAdd.ADDITIONS,
          false);

  private static final Duel MATMUL =
      new Duel(
          "matmul-512",
          Side.NAGARE_MATMUL_512,
          List.of(Side.MATMUL_PEAK),
          Double.POSITIVE_INFINITY,
          400,
          20);

  private static final Duel CONVOLUTION =
      new Duel(
          "conv-3x3-64",
          Side.NAGARE_CONVOLUTION,
          List.of(Side.CONVOLUTION_PEAK),
          Double.POSITIVE_INFINITY,
          200,
          10);

  /** Its figures, in the order of the table. */
  public static final List<Figure> FIGURES =
      List.of(
          LSTM_B1,
          LSTM_B16,
          LSTM_B32_H128,
          CNN,
          TRANSFORMER,
          ADAMW,
          ADAMW_KEPT,
          ADAMW_LOOP,
          OP_SMALL,
          new HeapPerStep("lstm-b1-heap", Side.NAGARE_LSTM_B1),
          new PeakShare(MATMUL, MatmulNagare.OPERATIONS),
          new PeakShare(CONVOLUTION, ConvolutionNagare.OPERATIONS));

  private TrainSuite() {}
}
